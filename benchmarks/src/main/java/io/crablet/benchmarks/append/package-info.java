/** Appends: with many callers, and as the end of a decision. */
@NullMarked
package io.crablet.benchmarks.append;

import org.jspecify.annotations.NullMarked;
