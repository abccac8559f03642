package io.crablet.pool.ledger;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a borrower does with its connection. Written at every call, so without fences: who reads it from another thread may see
 * it a moment late.
 */
final class Usage {

    private static final long NOTHING = 0;

    private final AtomicLong usedNanos;

    private final AtomicLong executingNanos = new AtomicLong(NOTHING);

    private final AtomicInteger openResults = new AtomicInteger();

    /** Of any kind, also those that are not worth a look at the clock. */
    private final AtomicLong calls = new AtomicLong();

    /** How many of them there were when the ledger looked last. For its threads. */
    private volatile long callsSeen;

    private volatile boolean escaped;

    private volatile boolean changed;

    Usage(long nanos) {
        this.usedNanos = new AtomicLong(nanos);
    }

    /** Any call, at its begin and at its end. */
    void called() {
        calls.setOpaque(calls.getPlain() + 1);
    }

    /** The ledger looks at it: what was called since it did so last has been used at this moment, or little before. */
    void look(long now) {
        long seen = calls.getOpaque();
        if (seen != callsSeen) {
            callsSeen = seen;
            usedNanos.setOpaque(now);
        }
    }

    void statementBegins() {
        long now = System.nanoTime();
        usedNanos.setOpaque(now);
        executingNanos.setOpaque(now == NOTHING ? 1 : now);
    }

    void statementEnds() {
        executingNanos.setOpaque(NOTHING);
        usedNanos.setOpaque(System.nanoTime());
    }

    void resultOpened() {
        openResults.incrementAndGet();
    }

    void resultClosed() {
        openResults.decrementAndGet();
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
        return openResults.get();
    }

    /** Whether there was a call since, or since the ledger looked last. */
    boolean usedSince(long nanos) {
        return usedNanos.getOpaque() - nanos > 0 || calls.getOpaque() != callsSeen;
    }

    Duration idle(long now) {
        return isExecuting() ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - usedNanos.getOpaque()));
    }

    boolean isExecuting() {
        return executingNanos.getOpaque() != NOTHING;
    }

    @Nullable
    Duration executing(long now) {
        long since = executingNanos.getOpaque();
        return since == NOTHING ? null : Duration.ofNanos(Math.max(0, now - since));
    }
}
