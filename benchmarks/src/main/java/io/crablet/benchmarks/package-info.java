/** What Crablet costs, measured beside baselines in the same run. */
@NullMarked
package io.crablet.benchmarks;

import org.jspecify.annotations.NullMarked;
