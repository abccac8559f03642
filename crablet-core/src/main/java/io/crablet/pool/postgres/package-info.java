/** What the pool asks the PostgreSQL server, beside the connections it lends. */
@NullMarked
package io.crablet.pool.postgres;

import org.jspecify.annotations.NullMarked;
