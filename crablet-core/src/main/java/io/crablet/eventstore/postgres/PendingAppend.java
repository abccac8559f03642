package io.crablet.eventstore.postgres;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An append on its way through the {@link AppendQueue}. Its links and its state belong to the queue's lock; the state may be read
 * without. What moves it on allocates nothing, so that an {@link OutOfMemoryError} cannot leave a caller waiting.
 */
final class PendingAppend {

    /** Where an append is. */
    enum State {

        /** Waits for its turn. Its caller may still withdraw it. */
        QUEUED,

        /** First in the queue; its caller is to send what stands there. */
        LEADING,

        /** Sent, or about to be, by the leader. Nobody can withdraw it any more. */
        SENT,

        /** Answered by the database. */
        ANSWERED,

        /** Failed. */
        FAILED,

        /** Taken out, as its time was up or its caller interrupted. It was not sent. */
        WITHDRAWN
    }

    private final AppendRequest request;
    private final Thread thread = Thread.currentThread();
    private final long deadline;

    @Nullable
    PendingAppend next;

    @Nullable
    PendingAppend previous;

    private volatile State state = State.QUEUED;
    private volatile boolean interrupted;
    private int company = Integer.MAX_VALUE;
    private @Nullable AppendOutcome outcome;
    private @Nullable Throwable failure;
    private QueryGuard.@Nullable Reason reason;

    /** Creates an append of the current thread. */
    PendingAppend(AppendRequest request, long deadline) {
        this.request = request;
        this.deadline = deadline;
    }

    AppendRequest request() {
        return request;
    }

    State state() {
        return state;
    }

    void state(State state) {
        this.state = state;
    }

    /** Returns how long it may still wait, in nanoseconds; not positive when its time is up. */
    long remaining(long now) {
        return deadline - now;
    }

    boolean isOver() {
        return state == State.ANSWERED || state == State.FAILED || state == State.WITHDRAWN;
    }

    /** Returns how many may be sent together where this one is among them. */
    int company() {
        return company;
    }

    /** Keeps it to half of the company in which it was when somebody made them all fail, so that it turns out who. */
    void halveCompany(int size) {
        company = Math.max(size / 2, 1);
    }

    /** Returns whether its caller was interrupted while it waited for the answer. Stays so. */
    boolean isInterrupted() {
        if (thread.isInterrupted()) {
            interrupted = true;
        }
        return interrupted;
    }

    /** Remembers an interrupt of which the thread itself no longer knows. */
    void interrupted() {
        interrupted = true;
    }

    void answer(AppendOutcome outcome) {
        this.outcome = outcome;
        state = State.ANSWERED;
    }

    void fail(Throwable failure, QueryGuard.@Nullable Reason reason) {
        this.failure = failure;
        this.reason = reason;
        state = State.FAILED;
    }

    @Nullable
    AppendOutcome outcome() {
        return outcome;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Returns why the store has ended it; null if it has not. */
    QueryGuard.@Nullable Reason reason() {
        return reason;
    }

    void wake() {
        if (thread != Thread.currentThread()) {
            LockSupport.unpark(thread);
        }
    }
}
