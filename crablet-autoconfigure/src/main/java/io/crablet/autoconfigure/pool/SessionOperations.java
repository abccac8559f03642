package io.crablet.autoconfigure.pool;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.postgres.SessionSignal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operations on the server's sessions. The server's own statement decides whom they may touch. */
final class SessionOperations {

    private static final Logger logger = LoggerFactory.getLogger(SessionOperations.class);

    private final OperatedPool pool;

    private final PoolOperation operation;

    private final boolean watching;

    SessionOperations(OperatedPool pool, PoolOperation operation, boolean watching) {
        this.pool = pool;
        this.operation = operation;
        this.watching = watching;
    }

    OperationResult cancel(int pid) {
        return asked(() -> one(pool.probe().cancel(pid), ""));
    }

    OperationResult terminate(int pid) {
        return asked(() -> one(pool.probe().terminate(pid), slotOf(pid)));
    }

    OperationResult terminateIdleInTransaction(Duration olderThan) {
        return asked(() -> {
            List<SessionSignal> signals = pool.probe().terminateIdleInTransaction(olderThan);
            long told = signals.stream().filter(SessionSignal::sent).count();
            String message = signals.isEmpty()
                    ? "No session of the database that the watch can see has been idle in a transaction for so long."
                    : "Of %d sessions of the database that had been idle in a transaction for so long, %d were told to end."
                            .formatted(signals.size(), told);
            return result(told > 0 || signals.isEmpty(), message).withSessions(signals);
        });
    }

    private OperationResult one(SessionSignal signal, String more) {
        return result(signal.sent(), signal.message() + (signal.sent() ? more : ""))
                .withSessions(List.of(signal));
    }

    /** HikariCP notices an ended session only when its connection comes back. */
    private String slotOf(int pid) {
        ConnectionLedger ledger = pool.ledger();
        if (ledger == null || !isJoinable()) {
            return "";
        }
        return ledger.snapshot().borrowed().stream()
                .filter(borrow -> borrow.backendPid() == pid)
                .map(BorrowedConnection::id)
                .findFirst()
                .map(id ->
                        " It is a connection of this pool: its slot is free when its borrower returns it, or at once with"
                                + " reclaim of id " + id + ".")
                .orElse("");
    }

    /** Behind a pooler the pool's own process ids are others. */
    private boolean isJoinable() {
        return pool.probe().answer() instanceof DatabaseAnswer.Answered answered
                && answered.server() != null
                && answered.server().joinable();
    }

    private OperationResult asked(Question question) {
        if (!watching) {
            return result(false, "The server is not watched, since crablet.pool.watch.enabled is false.");
        }
        try {
            return question.ask();
        } catch (SQLException e) {
            logger.debug("The server did not do what an operator wanted", e);
            DatabaseFailure failure = DatabaseFailure.of(e);
            return OperationResult.of(
                    operation,
                    pool.name(),
                    OperationResult.FAILED,
                    "The server did not do it, or did not say so in time: %s, SQLState %s. %s"
                            .formatted(failure.reason(), e.getSQLState(), failure.advice()));
        }
    }

    private OperationResult result(boolean done, String message) {
        return OperationResult.of(
                operation, pool.name(), done ? OperationResult.DONE : OperationResult.REFUSED, message);
    }

    /** Something that the server is asked to do. */
    @FunctionalInterface
    private interface Question {

        OperationResult ask() throws SQLException;
    }
}
