package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.EventStoreListener.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Appends requests, in the caller's transaction where there is one, otherwise in one of its own. */
final class Appender {

    private static final String TASK = "append";

    /** How much longer than waiting for its turn an append may take. */
    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final AppendCall call;
    private final Duration timeout;
    private final EventStoreListener listener;

    Appender(Sessions sessions, AppendCall call, Duration timeout, EventStoreListener listener) {
        this.sessions = sessions;
        this.call = call;
        this.timeout = timeout;
        this.listener = listener;
    }

    /**
     * The answers to a batch.
     *
     * @param isCommitted whether what was appended is there for good; otherwise the caller's transaction decides that
     */
    private record Answers(List<AppendOutcome> outcomes, boolean isCommitted) {}

    AppendResult append(AppendRequest request) {
        long start = System.nanoTime();
        int events = request.events().size();
        Outcome outcome = Outcome.ERROR;
        try {
            Answers answers = answers(List.of(request));
            AppendResult result = answers.outcomes().get(0).resultFor(request);
            outcome = Outcome.APPENDED;
            tellWhenCommitted(answers, events, result.head());
            return result;
        } catch (AppendConditionFailedException e) {
            outcome = Outcome.CONDITION_FAILED;
            throw e;
        } finally {
            listener.appendFinished(outcome, events, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private void tellWhenCommitted(Answers answers, int events, long head) {
        Runnable notice = () -> {
            listener.eventsCommitted(events);
            listener.headSeen(head);
        };
        if (answers.isCommitted()) {
            notice.run();
        } else if (TransactionSynchronizationManager.isSynchronizationActive()) {
            TransactionSynchronizationManager.registerSynchronization(new CommitNotice(notice));
        }
    }

    private Answers answers(List<AppendRequest> requests) {
        Answers answers = sessions.run(
                Operation.APPEND,
                timeout.plus(TIME_TO_WRITE),
                lease -> new Answers(send(lease, requests), !lease.isInTransaction()),
                (e, reason, limit) -> StoreErrors.ofAppend(TASK, e, reason, timeout, limit));
        listener.batchSent(requests.size());
        return answers;
    }

    private List<AppendOutcome> send(Lease lease, List<AppendRequest> requests) throws SQLException {
        if (lease.connection().isReadOnly()) {
            // The server would say so too, but the caller's transaction could not go on after that.
            throw new InvalidDataAccessApiUsageException("append was called "
                    + (lease.isInTransaction() ? "in a read-only transaction" : "on a pool of read-only connections")
                    + "; it needs one that may write");
        }
        return lease.isInTransaction()
                ? call.send(lease.connection(), requests, timeout)
                : sendAlone(lease.connection(), requests);
    }

    private List<AppendOutcome> sendAlone(Connection connection, List<AppendRequest> requests) throws SQLException {
        try {
            return sendAndCommit(connection, requests);
        } catch (SQLException e) {
            if (!isStaleSnapshot(e)) {
                throw e;
            }
            // The pool's default may be an isolation level whose snapshot is older than the lock. The transaction is
            // the store's own, so it can be had again at the level that the function is made for.
            return sendAtReadCommitted(connection, requests);
        }
    }

    private List<AppendOutcome> sendAtReadCommitted(Connection connection, List<AppendRequest> requests)
            throws SQLException {
        int before = connection.getTransactionIsolation();
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        List<AppendOutcome> outcomes;
        try {
            outcomes = sendAndCommit(connection, requests);
        } catch (SQLException e) {
            undo(e, () -> connection.setTransactionIsolation(before));
            throw e;
        }
        connection.setTransactionIsolation(before);
        return outcomes;
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
            undo(e, connection::rollback);
            throw e;
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
