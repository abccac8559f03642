package io.crablet.pool.ledger;

import io.crablet.pool.ConnectionLeak.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives connections back that their borrowers do not. */
final class Reclaiming {

    private static final Logger logger = LoggerFactory.getLogger(Reclaiming.class);

    /** For the round trips to a server that may not answer. */
    private static final int NETWORK_TIMEOUT_MILLIS = 5_000;

    private final LendingPool pool;

    private final SessionInspector inspector;

    Reclaiming(LendingPool pool, SessionInspector inspector) {
        this.pool = pool;
        this.inspector = inspector;
    }

    /** Rolls back what nobody can use any more, and puts it into the pool if it is as it was lent; otherwise closes it. */
    Outcome giveBack(Connection connection) {
        if (isAsLent(connection)) {
            try {
                connection.close();
                return Outcome.RETURNED;
            } catch (SQLException e) {
                logger.debug("A leaked connection did not go back in order (SQLState {})", e.getSQLState(), e);
            }
        }
        pool.evict(connection);
        return Outcome.EVICTED;
    }

    /** Closes what somebody may be using: ends the statement that runs, so that the server has no orphan. */
    void evict(Connection connection, boolean executing) {
        if (executing) {
            cancel(connection);
        }
        pool.evict(connection);
    }

    void cancel(Connection connection) {
        try {
            inspector.cancel(connection);
        } catch (SQLException e) {
            logger.warn("The server could not be asked to cancel a statement (SQLState {})", e.getSQLState(), e);
        }
    }

    private boolean isAsLent(Connection connection) {
        try {
            connection.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            return inspector.isAsLent(connection);
        } catch (SQLException e) {
            logger.debug("A leaked connection cannot be trusted (SQLState {})", e.getSQLState(), e);
            return false;
        }
    }
}
