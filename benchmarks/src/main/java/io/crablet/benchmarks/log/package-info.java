/** What the log costs on the server, whatever its size: plans, appends and reads in small and large logs, and ways to store it. */
@NullMarked
package io.crablet.benchmarks.log;

import org.jspecify.annotations.NullMarked;
