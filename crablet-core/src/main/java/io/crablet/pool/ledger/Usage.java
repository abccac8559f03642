package io.crablet.pool.ledger;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * What a borrower does with its connection. Written at every call, so without fences: who reads it from another thread may see
 * it a moment late.
 */
final class Usage {

    private static final AtomicLongFieldUpdater<Usage> USED =
            AtomicLongFieldUpdater.newUpdater(Usage.class, "usedNanos");

    private static final AtomicLongFieldUpdater<Usage> EXECUTING =
            AtomicLongFieldUpdater.newUpdater(Usage.class, "executingNanos");

    private static final AtomicLongFieldUpdater<Usage> CALLS = AtomicLongFieldUpdater.newUpdater(Usage.class, "calls");

    private static final AtomicIntegerFieldUpdater<Usage> WAITING =
            AtomicIntegerFieldUpdater.newUpdater(Usage.class, "waiting");

    private static final AtomicIntegerFieldUpdater<Usage> RESULTS =
            AtomicIntegerFieldUpdater.newUpdater(Usage.class, "openResults");

    private static final long NOTHING = 0;

    private volatile long usedNanos;

    private volatile long executingNanos;

    /** Of any kind, also those that are not worth a look at the clock. */
    private volatile long calls;

    /** How many of them there were when the ledger looked last. For its threads. */
    private volatile long callsSeen;

    /** Not nothing during a call that may wait for the server, and that is not worth a look at the clock. */
    private volatile int waiting;

    private volatile int openResults;

    private volatile boolean escaped;

    private volatile boolean changed;

    Usage(long nanos) {
        USED.lazySet(this, nanos);
    }

    /** Any call, at its begin and at its end. */
    void called() {
        CALLS.lazySet(this, calls + 1);
    }

    /** The ledger looks at it: what was called since it did so last has been used at this moment, or little before. */
    void look(long now) {
        long seen = calls;
        if (seen != callsSeen) {
            callsSeen = seen;
            USED.lazySet(this, now);
        }
    }

    void statementBegins() {
        long now = System.nanoTime();
        USED.lazySet(this, now);
        EXECUTING.lazySet(this, now == NOTHING ? 1 : now);
    }

    void statementEnds() {
        EXECUTING.lazySet(this, NOTHING);
        USED.lazySet(this, System.nanoTime());
    }

    /** A call such as that for the next row, which is one of many: since when it waits is known from the ledger's first look on. */
    void beginsToWait() {
        WAITING.lazySet(this, 1);
        called();
    }

    void endsToWait() {
        WAITING.lazySet(this, 0);
        called();
    }

    void resultOpened() {
        RESULTS.incrementAndGet(this);
    }

    void resultClosed() {
        RESULTS.decrementAndGet(this);
    }

    /** The borrower has got something through which it could use the connection unseen. */
    void escaped() {
        escaped = true;
    }

    boolean hasEscaped() {
        return escaped;
    }

    /** The borrower has changed, or may have changed, what neither the pool nor the server puts back. */
    void changed() {
        changed = true;
    }

    boolean hasChanged() {
        return changed;
    }

    int openResults() {
        return openResults;
    }

    /** Whether there was a call since, or since the ledger looked last. */
    boolean usedSince(long nanos) {
        return usedNanos - nanos > 0 || calls != callsSeen;
    }

    Duration idle(long now) {
        return isExecuting() ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - usedNanos));
    }

    boolean isExecuting() {
        return executingNanos != NOTHING || waiting != 0;
    }

    @Nullable
    Duration executing(long now) {
        long since = executingNanos;
        if (since == NOTHING && waiting != 0) {
            since = usedNanos;
        }
        return since == NOTHING ? null : Duration.ofNanos(Math.max(0, now - since));
    }
}
