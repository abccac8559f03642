package io.crablet.pool.ledger;

import io.crablet.pool.PoolCounts;
import java.util.concurrent.TimeUnit;

/**
 * Asks the JVM for a garbage collection while callers wait for an exhausted pool: what they wait for may lie unreachable in a heap
 * that has no need of a collection. For the ledger's own thread.
 */
final class CollectionRequests {

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Short enough for a caller's usual patience, and long enough for a pool that is only too small. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of the time at most a part goes into collections that were asked for: after one, none for so many times as long as it took. */
    private static final int COLLECTION_SHARE = 4;

    /** A connection in steady use is not forgotten. */
    private static final long UNUSED_MILLIS = 50;

    private final LendingPool pool;

    private final Entries entries;

    private final Recovery recovery;

    private final boolean allowed;

    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    private long nextNanos = System.nanoTime();

    private long leaksBefore;

    CollectionRequests(LendingPool pool, Entries entries, Recovery recovery, boolean allowed) {
        this.pool = pool;
        this.entries = entries;
        this.recovery = recovery;
        this.allowed = allowed;
    }

    void askIfNeeded() {
        long now = System.nanoTime();
        if (!allowed || now - nextNanos < 0) {
            return;
        }
        PoolCounts counts = pool.counts();
        if (counts.waiting() > 0 && counts.active() >= counts.max() && mayFindLeaks(now)) {
            ask(now);
        }
    }

    /** While the collections find nothing, they become rarer: the pool is then too small for its load, and they only add to it. */
    private void ask(long now) {
        long leaks = recovery.leaks();
        pauseNanos = leaks > leaksBefore ? SHORTEST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
        leaksBefore = leaks;
        requestCollection();
        long end = System.nanoTime();
        nextNanos = end + Math.max(pauseNanos, COLLECTION_SHARE * (end - now));
    }

    private boolean mayFindLeaks(long now) {
        return entries.open().stream()
                .anyMatch(borrow -> !borrow.isLeaked()
                        && !borrow.usage().hasEscaped()
                        && borrow.usage().idle(now).toMillis() >= UNUSED_MILLIS);
    }

    /** A collection is what a leak costs here, and only while callers wait for it: there is no other way to find one. */
    private static void requestCollection() {
        System.gc();
    }
}
