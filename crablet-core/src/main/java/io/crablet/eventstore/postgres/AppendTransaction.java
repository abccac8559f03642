package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/** Sends a batch of appends in one transaction: the caller's, or one of its own. */
final class AppendTransaction {

    private static final Logger logger = LoggerFactory.getLogger(AppendTransaction.class);

    private final AppendCall call;

    AppendTransaction(AppendCall call) {
        this.call = call;
    }

    /** Sends an append in the caller's transaction, which decides whether it stays. */
    AppendOutcome join(Connection connection, AppendRequest request, Duration lockTimeout) throws SQLException {
        // The server would say so too, but the caller's transaction could not go on after that.
        requireWritable(connection, "in a read-only transaction");
        return call.send(connection, List.of(request), lockTimeout, () -> {}).get(0);
    }

    /**
     * Sends appends in a transaction of their own. Where it fails, nothing of it was written, unless the connection was lost.
     *
     * @param aboutToSend told just before something is sent
     */
    List<AppendOutcome> commit(
            Connection connection, List<AppendRequest> requests, Duration lockTimeout, Runnable aboutToSend)
            throws SQLException {
        requireWritable(connection, "on a pool of read-only connections");
        try {
            return sendAndCommit(connection, requests, lockTimeout, aboutToSend);
        } catch (SQLException e) {
            if (!isStaleSnapshot(e)) {
                throw e;
            }
            // The pool's default may be an isolation level whose snapshot is older than the lock. The transaction is
            // the store's own, so it can be had again at the level that the function is made for.
            return commitAtReadCommitted(connection, requests, lockTimeout, aboutToSend);
        }
    }

    private static void requireWritable(Connection connection, String where) throws SQLException {
        if (connection.isReadOnly()) {
            throw new InvalidDataAccessApiUsageException(
                    "append was called " + where + "; it needs one that may write");
        }
    }

    private List<AppendOutcome> commitAtReadCommitted(
            Connection connection, List<AppendRequest> requests, Duration lockTimeout, Runnable aboutToSend)
            throws SQLException {
        int before = connection.getTransactionIsolation();
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        List<AppendOutcome> outcomes;
        try {
            outcomes = sendAndCommit(connection, requests, lockTimeout, aboutToSend);
        } catch (SQLException e) {
            undo(e, () -> connection.setTransactionIsolation(before));
            throw e;
        }
        try {
            connection.setTransactionIsolation(before);
        } catch (SQLException e) {
            // It is committed, and that is what the callers have to hear.
            logger.debug("The isolation level could not be set back (SQLState {})", e.getSQLState(), e);
            connection.abort(Runnable::run);
        }
        return outcomes;
    }

    private List<AppendOutcome> sendAndCommit(
            Connection connection, List<AppendRequest> requests, Duration lockTimeout, Runnable aboutToSend)
            throws SQLException {
        Sending sending = new Sending(aboutToSend);
        if (connection.getAutoCommit()) {
            try {
                return call.send(connection, requests, lockTimeout, sending);
            } catch (SQLException e) {
                throw sending.begun ? StoreErrors.unknownUnlessRefused(e) : e;
            }
        }
        List<AppendOutcome> outcomes;
        try {
            outcomes = call.send(connection, requests, lockTimeout, sending);
        } catch (SQLException e) {
            undo(e, connection::rollback);
            throw e;
        }
        try {
            connection.commit();
            return outcomes;
        } catch (SQLException e) {
            undo(e, connection::rollback);
            throw StoreErrors.unknownUnlessRefused(e);
        }
    }

    /** Knows whether something was sent. */
    private static final class Sending implements Runnable {

        private final Runnable next;
        private boolean begun;

        Sending(Runnable next) {
            this.next = next;
        }

        @Override
        public void run() {
            begun = true;
            next.run();
        }
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** What fails on the way out must not hide the failure itself. */
    private static void undo(SQLException cause, Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static boolean isStaleSnapshot(SQLException e) {
        return "23505".equals(e.getSQLState()) || "40001".equals(e.getSQLState());
    }
}
