/** How fast the log is read and filled, beside what the driver alone can do on the same tables. */
@NullMarked
package io.crablet.benchmarks.streams;

import org.jspecify.annotations.NullMarked;
