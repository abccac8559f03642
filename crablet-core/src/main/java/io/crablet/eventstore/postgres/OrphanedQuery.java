package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A query whose client is gone. The interrupt of a virtual thread closes the socket under the driver, and the server, which
 * only looks at the socket when it has something to send, works on for nobody.
 */
final class OrphanedQuery implements Runnable {

    private static final Logger logger = LoggerFactory.getLogger(OrphanedQuery.class);

    /** The driver's idea of its own process is only wrong behind a proxy, where the orphan's may be somebody else's. */
    private static final String CANCEL = "select pg_cancel_backend(?) where pg_backend_pid() = ?";

    private final LabelledConnections connections;
    private final int backendPid;

    private OrphanedQuery(LabelledConnections connections, int backendPid) {
        this.connections = connections;
        this.backendPid = backendPid;
    }

    /** Cancels what the backend is doing, over another connection and without waiting for it. */
    static void end(LabelledConnections connections, int backendPid) {
        Thread thread = new Thread(null, new OrphanedQuery(connections, backendPid), "crablet-query-cancel", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try (Connection connection = connections.borrow(Operation.CANCEL);
                PreparedStatement statement = connection.prepareStatement(CANCEL)) {
            statement.setInt(1, backendPid);
            statement.setInt(2, connection.unwrap(PGConnection.class).getBackendPID());
            statement.execute();
        } catch (SQLException e) {
            logger.warn(
                    "The query of an interrupted virtual thread may still be running in backend {} (SQLState {})",
                    backendPid,
                    e.getSQLState(),
                    e);
        }
    }
}
