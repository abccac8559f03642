/** What the pool watch needs of HikariCP. */
@NullMarked
package io.crablet.pool.hikari;

import org.jspecify.annotations.NullMarked;
