package io.crablet.autoconfigure.pool;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.BorrowedConnection.SecondWait;
import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A borrowed connection, as the endpoint shows it. What is not known is null, and left out of the answer.
 *
 * @param id tells the borrows of a pool apart; {@code reclaim} takes it
 * @param thread the thread that borrowed it
 * @param threadAlive whether that thread still lives
 * @param operation what it was borrowed for
 * @param traceId the trace it belongs to
 * @param borrowedAt when it was borrowed
 * @param heldMs for how long
 * @param idleMs for how long its borrower has not used it
 * @param executingMs for how long the statement runs that runs now
 * @param openResults result sets that were opened through it and not closed
 * @param frames the application's lines of code, the borrowing one first
 * @param backendPid the server's process
 * @param whileHolding the id of a connection that its thread held already
 * @param waitsForSecond where its thread waits for another connection
 * @param server what the server's session did when the server was asked last
 * @param grade how far it is from coming back
 * @param verdict why it has not come back
 */
record BorrowReport(
        long id,
        String thread,
        boolean threadAlive,
        @Nullable String operation,
        @Nullable String traceId,
        Instant borrowedAt,
        long heldMs,
        long idleMs,
        @Nullable Long executingMs,
        int openResults,
        List<String> frames,
        @Nullable Integer backendPid,
        @Nullable Long whileHolding,
        @Nullable Wait waitsForSecond,
        @Nullable Session server,
        String grade,
        @Nullable Cause verdict) {

    /** A wait for a second connection. */
    record Wait(long waitingMs, List<String> frames) {}

    /** The server's side of a borrowed connection. */
    record Session(
            @Nullable String state,
            @Nullable String waitEvent,
            @Nullable Long transactionMs,
            @Nullable Long inStateMs,
            @Nullable String lastStatement,
            List<Integer> blockedBy) {}

    /** A verdict. */
    record Cause(String cause, String message) {}

    static BorrowReport of(
            BorrowedConnection borrow, @Nullable ServerSnapshot server, @Nullable Verdict verdict, boolean showSql) {
        SecondWait wait = borrow.waitsForSecond();
        return new BorrowReport(
                borrow.id(),
                borrow.thread(),
                borrow.threadAlive(),
                borrow.operation(),
                borrow.traceId(),
                borrow.borrowedAt(),
                borrow.held().toMillis(),
                borrow.idle().toMillis(),
                millis(borrow.executing()),
                borrow.openResults(),
                lines(borrow.frames()),
                borrow.backendPid() == 0 ? null : borrow.backendPid(),
                borrow.whileHolding(),
                wait == null ? null : new Wait(wait.waiting().toMillis(), lines(wait.frames())),
                session(borrow, server, showSql),
                borrow.grade().label(),
                verdict == null ? null : new Cause(verdict.cause().label(), verdict.message()));
    }

    /** What was seen before the connection was borrowed is about its last borrower. */
    private static @Nullable Session session(
            BorrowedConnection borrow, @Nullable ServerSnapshot server, boolean showSql) {
        if (server == null || !server.joinable() || borrow.borrowedAt().isAfter(server.takenAt())) {
            return null;
        }
        ServerSession session = server.sessions().get(borrow.backendPid());
        return session == null
                ? null
                : new Session(
                        session.state(),
                        waitEvent(session),
                        millis(session.transaction()),
                        millis(session.inState()),
                        showSql ? session.statement() : null,
                        session.blockedBy());
    }

    static @Nullable String waitEvent(ServerSession session) {
        return session.waitEventType() == null ? null : session.waitEventType() + ": " + session.waitEvent();
    }

    static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    static List<String> lines(List<StackTraceElement> frames) {
        return frames.stream().map(StackTraceElement::toString).toList();
    }
}
