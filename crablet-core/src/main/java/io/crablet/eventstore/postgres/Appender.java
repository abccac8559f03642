package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/** Appends a batch of requests, in the caller's transaction where there is one, otherwise in one of its own. */
final class Appender {

    private static final String TASK = "append";

    /** How much longer than waiting for its turn an append may take. */
    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final AppendCall call;
    private final Duration timeout;

    Appender(Sessions sessions, AppendCall call, Duration timeout) {
        this.sessions = sessions;
        this.call = call;
        this.timeout = timeout;
    }

    List<AppendOutcome> append(List<AppendRequest> requests) {
        if (sessions.isInReadOnlyTransaction()) {
            throw new InvalidDataAccessApiUsageException(
                    "append was called in a read-only transaction; it needs one that may write, or none");
        }
        return sessions.run(
                timeout.plus(TIME_TO_WRITE),
                connection -> sessions.isInTransaction(connection)
                        ? call.send(connection, requests, timeout)
                        : sendAlone(connection, requests),
                (e, reason) -> StoreErrors.ofAppend(TASK, e, reason, timeout));
    }

    private List<AppendOutcome> sendAlone(Connection connection, List<AppendRequest> requests) throws SQLException {
        try {
            return sendAndCommit(connection, requests);
        } catch (SQLException e) {
            if (!isStaleSnapshot(e)) {
                throw e;
            }
            // The pool's default may be an isolation level whose snapshot is older than the lock. The transaction is
            // ours
            // alone, so it can be had again at the level that the function is made for.
            int before = connection.getTransactionIsolation();
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            try {
                return sendAndCommit(connection, requests);
            } finally {
                connection.setTransactionIsolation(before);
            }
        }
    }

    private List<AppendOutcome> sendAndCommit(Connection connection, List<AppendRequest> requests) throws SQLException {
        if (connection.getAutoCommit()) {
            return call.send(connection, requests, timeout);
        }
        try {
            List<AppendOutcome> outcomes = call.send(connection, requests, timeout);
            connection.commit();
            return outcomes;
        } catch (SQLException e) {
            rollback(connection, e);
            throw e;
        }
    }

    private static void rollback(Connection connection, SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static boolean isStaleSnapshot(SQLException e) {
        return "23505".equals(e.getSQLState()) || "40001".equals(e.getSQLState());
    }
}
