/** What only PostgreSQL can tell of a pool: its limits, and whether it answers. */
@NullMarked
package io.crablet.pool.postgres;

import org.jspecify.annotations.NullMarked;
