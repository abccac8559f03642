package io.crablet.pool.ledger;

import java.sql.Connection;
import java.sql.SQLException;

/** What the ledger has to know of the database behind a connection. Thread-safe. */
public interface SessionInspector {

    /** Knows nothing: no process id, no cancel, and no session can be trusted. */
    SessionInspector NONE = new SessionInspector() {};

    /**
     * The server's process that serves a connection. Makes no round trip.
     *
     * @param connection the pool's own connection
     * @return its process id, 0 if it is not known
     */
    default int backendPid(Connection connection) {
        return 0;
    }

    /**
     * Asks the server to end the statement that runs on a connection, from another thread than its borrower's.
     *
     * @param connection the pool's own connection
     * @throws SQLException if it cannot be asked
     */
    default void cancel(Connection connection) throws SQLException {}

    /**
     * Whether nothing is left in a session of what its last borrower has done, so that the next one can have it. May undo what
     * can be undone without a trace. Asked after the rollback, with auto-commit on; may make round trips, which the caller
     * limits by a network timeout.
     *
     * @param connection the pool's own connection
     * @return whether it is as the pool had lent it
     * @throws SQLException if that cannot be found out
     */
    default boolean isAsLent(Connection connection) throws SQLException {
        return false;
    }
}
