package io.crablet.pool.ledger;

import io.crablet.pool.PoolCounts;
import java.sql.Connection;
import java.sql.SQLException;

/** The pool behind a ledger. Thread-safe. */
public interface LendingPool {

    /**
     * The pool's name in logs and messages.
     *
     * @return the name
     */
    String name();

    /**
     * Lends a connection of the pool's own.
     *
     * @return the connection
     * @throws SQLException if there is none; an {@link java.sql.SQLTransientConnectionException} if there was none in time
     */
    Connection lend() throws SQLException;

    /**
     * Closes a lent connection and frees its slot, whatever its borrower does with it.
     *
     * @param connection what {@link #lend} returned
     */
    void evict(Connection connection);

    /**
     * Whether the pool does, or may do, something to each connection that it opens, which the settings of the server and of JDBC
     * do not show afterwards. A leaked connection of such a pool is closed, as it cannot be put in order again.
     *
     * @return whether it may
     */
    default boolean preparesSessions() {
        return false;
    }

    /**
     * The pool's counters.
     *
     * @return the counters now
     */
    PoolCounts counts();
}
