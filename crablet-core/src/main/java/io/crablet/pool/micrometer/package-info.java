/** The meters of a pool and of the server behind it. */
@NullMarked
package io.crablet.pool.micrometer;

import org.jspecify.annotations.NullMarked;
