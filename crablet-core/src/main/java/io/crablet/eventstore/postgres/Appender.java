package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.EventStoreListener.Outcome;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Appends requests, in the caller's transaction where there is one, otherwise together with what others append meanwhile. */
final class Appender {

    static final String TASK = "append";

    /** How much longer than waiting for its turn an append may take. */
    private static final Duration TIME_TO_WRITE = Duration.ofSeconds(2);

    private final Sessions sessions;
    private final AppendTransaction transaction;
    private final @Nullable GroupCommit groupCommit;
    private final Duration timeout;
    private final EventStoreListener listener;

    /**
     * Creates one.
     *
     * @param queue where appends wait for each other; null to send each by itself
     * @param timeout how long an append may wait for others
     */
    Appender(
            Sessions sessions,
            AppendCall call,
            @Nullable AppendQueue queue,
            Duration timeout,
            EventStoreListener listener) {
        this.sessions = sessions;
        this.transaction = new AppendTransaction(call);
        this.groupCommit = queue == null
                ? null
                : new GroupCommit(sessions, transaction, queue, timeout, timeout.plus(TIME_TO_WRITE), listener);
        this.timeout = timeout;
        this.listener = listener;
    }

    AppendResult append(AppendRequest request) {
        long start = System.nanoTime();
        int events = request.events().size();
        Outcome outcome = Outcome.ERROR;
        try {
            AppendResult result = send(request);
            outcome = Outcome.APPENDED;
            return result;
        } catch (AppendConditionFailedException e) {
            outcome = Outcome.CONDITION_FAILED;
            throw e;
        } finally {
            listener.appendFinished(outcome, events, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private AppendResult send(AppendRequest request) {
        AppendOutcome joined = sessions.runInTransaction(
                timeout.plus(TIME_TO_WRITE),
                lease -> transaction.join(lease.connection(), request, timeout),
                (e, reason, limit) -> StoreErrors.ofAppend(TASK, e, reason, timeout, limit));
        if (joined != null) {
            listener.batchSent(1);
            AppendResult result = joined.resultFor(request);
            if (TransactionSynchronizationManager.isSynchronizationActive()) {
                TransactionSynchronizationManager.registerSynchronization(
                        new CommitNotice(() -> tellCommitted(request, result)));
            }
            return result;
        }
        AppendResult result = sendOwn(request).resultFor(request);
        tellCommitted(request, result);
        return result;
    }

    private AppendOutcome sendOwn(AppendRequest request) {
        if (groupCommit != null) {
            return groupCommit.append(request);
        }
        AppendOutcome outcome = sessions.run(
                Operation.APPEND,
                timeout.plus(TIME_TO_WRITE),
                lease -> transaction
                        .commit(lease.connection(), List.of(request), timeout, () -> {})
                        .get(0),
                (e, reason, limit) -> StoreErrors.ofAppend(TASK, e, reason, timeout, limit));
        listener.batchSent(1);
        return outcome;
    }

    private void tellCommitted(AppendRequest request, AppendResult result) {
        listener.eventsCommitted(request.events().size());
        listener.headSeen(result.head());
    }
}
