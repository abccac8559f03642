/** The connection pool's state and what it means, in plain Java. */
@NullMarked
package io.crablet.pool;

import org.jspecify.annotations.NullMarked;
