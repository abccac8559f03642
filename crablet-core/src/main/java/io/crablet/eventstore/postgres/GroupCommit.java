package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreInterruptedException;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.postgres.PendingAppend.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessResourceException;

/**
 * Appends of many threads, through one connection and one commit at a time. Who finds nobody appending leads: it borrows the
 * connection and sends its append at once. Who comes meanwhile waits, and the first of them leads next, with all who have come
 * by then as its batch. So one alone waits for nothing, and a crowd shares round trips, the log's lock and the sync of the disk.
 *
 * <p>What stands in the queue belongs to its caller until the leader has a connection and sends it: then, and not before, it
 * can no longer be withdrawn.
 */
final class GroupCommit {

    /** How late after its time an append may be told so, in exchange for fewer calls when many run out of time together. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** A wake-up that gets lost, as for want of memory, costs no more than this. */
    private static final long LOOK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Sessions sessions;
    private final AppendTransaction transaction;
    private final AppendQueue queue;
    private final Duration timeout;
    private final Duration timeToAnswer;
    private final EventStoreListener listener;
    private final PlatformThread platformThread = new PlatformThread();

    GroupCommit(
            Sessions sessions,
            AppendTransaction transaction,
            AppendQueue queue,
            Duration timeout,
            Duration timeToAnswer,
            EventStoreListener listener) {
        this.sessions = sessions;
        this.transaction = transaction;
        this.queue = queue;
        this.timeout = timeout;
        this.timeToAnswer = timeToAnswer;
        this.listener = listener;
    }

    /** Appends, in a transaction that has committed when this returns. */
    AppendOutcome append(AppendRequest request) {
        PendingAppend mine = new PendingAppend(request, System.nanoTime() + timeout.toNanos());
        if (!queue.enter(mine)) {
            throw new TransientDataAccessResourceException("append was refused: " + queue.size()
                    + " appends of this application are waiting already, which is the"
                    + " limit (crablet.event-store.append.max-queued); nothing was sent. Try again later, or find"
                    + " out what holds up the one that is being sent");
        }
        try {
            while (awaitTurn(mine)) {
                lead(mine);
            }
        } catch (Throwable e) {
            queue.leave(mine);
            throw e;
        }
        return answer(mine);
    }

    /**
     * Waits.
     *
     * @return whether it is this append's turn to lead; otherwise it is over
     */
    private boolean awaitTurn(PendingAppend mine) {
        boolean interrupted = false;
        try {
            while (true) {
                long wait = LOOK_AGAIN_NANOS;
                switch (mine.state()) {
                    case LEADING -> {
                        return true;
                    }
                    case QUEUED -> {
                        wait = Math.min(wait, mine.remaining(System.nanoTime()));
                        if ((wait <= 0 || mine.isInterrupted()) && queue.withdraw(mine)) {
                            return false;
                        }
                    }
                    case SENT -> {
                        if (Thread.interrupted()) {
                            mine.interrupted();
                            interrupted = true;
                        }
                    }
                    default -> {
                        return false;
                    }
                }
                LockSupport.parkNanos(this, wait);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private AppendOutcome answer(PendingAppend mine) {
        AppendOutcome outcome = mine.outcome();
        if (outcome != null) {
            return outcome;
        }
        Throwable failure = mine.failure();
        if (failure == null) {
            throw mine.isInterrupted()
                    ? notSentForInterrupt()
                    : new CannotAcquireLockException("append waited longer than the append timeout of " + timeout
                            + " for other appends of this application, and was withdrawn; nothing was sent. What holds"
                            + " them up is a transaction that has appended and stays open, or a pool without a free"
                            + " connection");
        }
        if (failure instanceof SQLException e) {
            throw StoreErrors.ofAppend(Appender.TASK, e, mine.reason(), timeout, timeToAnswer);
        }
        throw new DataAccessResourceFailureException(
                "append was sent by another thread, which failed; its connection was cut, so whether the events were"
                        + " appended is not known: read to find out",
                failure);
    }

    private void lead(PendingAppend mine) {
        List<PendingAppend> batch = List.of();
        boolean answered = false;
        Throwable failure = null;
        try (Lease lease = borrow(mine)) {
            batch = queue.take();
            answered = !batch.isEmpty() && send(lease, batch, mine);
        } catch (Throwable e) {
            failure = e;
            queue.drop(mine);
            throw e;
        } finally {
            end(batch, failure);
        }
        if (answered) {
            listener.batchSent(batch.size());
        }
    }

    /** Ends a lead, however it went. By index, as there may be no memory left for more. */
    private void end(List<PendingAppend> batch, @Nullable Throwable failure) {
        for (int i = 0; i < batch.size(); i++) {
            PendingAppend append = batch.get(i);
            if (append.state() == State.SENT && failure != null) {
                append.fail(failure, null);
            }
        }
        queue.passOn();
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).wake();
        }
    }

    private Lease borrow(PendingAppend mine) {
        if (mine.isInterrupted()) {
            throw notSentForInterrupt();
        }
        return sessions.borrowOwn(Operation.APPEND);
    }

    /**
     * Sends a batch.
     *
     * @return whether it was answered; otherwise each of it has failed, or stands in the queue again
     */
    private boolean send(Lease lease, List<PendingAppend> batch, PendingAppend mine) {
        BatchQuery query = null;
        try {
            query = new BatchQuery(lease.connection(), timeToAnswer, batch);
            List<AppendOutcome> outcomes = commit(query, lease.connection(), batch, mine);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer(outcomes.get(i));
            }
            return true;
        } catch (SQLException e) {
            failed(batch, e, query == null ? null : sessions.reasonOf(e, query));
            if (query != null && StoreErrors.isConnectionLost(e)) {
                query.cutConnection();
            }
            return false;
        } catch (RuntimeException | Error e) {
            if (query != null && query.isSent()) {
                // The driver may have stopped halfway, so nobody may use it again. All fail at the end of the lead.
                query.cutConnection();
                throw e;
            }
            // Whoever has brought it about fails in his own thread, when he is sent alone.
            boolean isOwn = e instanceof Error || batch.size() == 1 && batch.get(0) == mine;
            if (isOwn) {
                mine.fail(e, null);
            }
            halve(batch);
            if (isOwn) {
                throw e;
            }
            return false;
        }
    }

    private List<AppendOutcome> commit(
            BatchQuery query, Connection connection, List<PendingAppend> batch, PendingAppend mine)
            throws SQLException {
        List<AppendRequest> requests =
                batch.stream().map(PendingAppend::request).toList();
        Duration lockTimeout = lockTimeout(batch.get(0));
        PlatformThread.Call<List<AppendOutcome>> commit =
                () -> transaction.commit(connection, requests, lockTimeout, query::aboutToSend);
        sessions.guard().watch(query);
        try {
            // Alone, an interrupt harms nobody else.
            return batch.size() > 1 && PlatformThread.isNeeded()
                    ? platformThread.run(commit, mine::interrupted)
                    : commit.call();
        } finally {
            sessions.guard().release(query);
        }
    }

    private void halve(List<PendingAppend> batch) {
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).halveCompany(batch.size());
        }
        queue.putBack(batch);
    }

    /** Until the first of them runs out of time. All have the same timeout, so that is the one that came first. */
    private Duration lockTimeout(PendingAppend first) {
        long slack = Math.min(SLACK_NANOS, timeout.toNanos() / 10);
        long nanos = Math.max(first.remaining(System.nanoTime()), 0) + slack;
        return Duration.ofMillis(Math.min(Math.max(TimeUnit.NANOSECONDS.toMillis(nanos), 1), Integer.MAX_VALUE));
    }

    /** Tells those whose failure it is, and puts the others back to the front of the queue. */
    private void failed(List<PendingAppend> batch, SQLException e, QueryGuard.@Nullable Reason reason) {
        BatchFailure failure = BatchFailure.of(e, reason);
        if (failure == BatchFailure.OF_ONE && batch.size() > 1) {
            halve(batch);
            return;
        }
        long now = System.nanoTime();
        for (int i = 0; i < batch.size(); i++) {
            PendingAppend append = batch.get(i);
            boolean isAbout = switch (failure) {
                case OF_ALL, OF_ONE -> true;
                case OF_THE_INTERRUPTED -> append.isInterrupted();
                case OF_THE_LATE -> i == 0 || append.remaining(now) <= 0;
            };
            if (isAbout) {
                append.fail(e, reasonFor(append, reason));
            }
        }
        queue.putBack(batch);
    }

    /** One's interrupt is no reason for the others. */
    private static QueryGuard.@Nullable Reason reasonFor(PendingAppend append, QueryGuard.@Nullable Reason reason) {
        return reason == QueryGuard.Reason.INTERRUPT && !append.isInterrupted() ? null : reason;
    }

    private static EventStoreInterruptedException notSentForInterrupt() {
        return new EventStoreInterruptedException("append was given up: its thread was interrupted; nothing was sent");
    }
}
