package io.crablet.pool.ledger;

import io.crablet.pool.PoolCounts;
import java.util.concurrent.TimeUnit;

/**
 * Asks the JVM for a garbage collection while callers wait for an exhausted pool: what they wait for may lie unreachable in a heap
 * that has no need of a collection. For the ledger's own thread.
 */
final class CollectionRequests {

    /** Who has waited for less may get a connection in the next moment. */
    private static final long WAITED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Short enough for a caller's usual patience, and long enough for a pool that is only too small. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A connection in steady use is not forgotten. */
    private static final long UNUSED_MILLIS = 50;

    private final LendingPool pool;

    private final Entries entries;

    private final Recovery recovery;

    private final boolean allowed;

    private final GarbageCollections collections;

    private final Waiting waiting = new Waiting();

    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    private long nextNanos = System.nanoTime();

    private long leaksBefore;

    CollectionRequests(
            LendingPool pool, Entries entries, Recovery recovery, boolean allowed, GarbageCollections collections) {
        this.pool = pool;
        this.entries = entries;
        this.recovery = recovery;
        this.allowed = allowed;
        this.collections = collections;
    }

    /** Since when callers have waited, seen from look to look. */
    private static final class Waiting {

        private boolean lasts;

        private long sinceNanos;

        private boolean isLong(boolean still, long now) {
            if (still && !lasts) {
                sinceNanos = now;
            }
            lasts = still;
            return lasts && now - sinceNanos >= WAITED_NANOS;
        }
    }

    void askIfNeeded() {
        if (!allowed) {
            return;
        }
        long now = System.nanoTime();
        PoolCounts counts = pool.counts();
        boolean waits = counts.waiting() > 0 && counts.active() >= counts.max();
        if (waiting.isLong(waits, now) && now - nextNanos >= 0 && mayFindLeaks(now) && collections.request()) {
            slowDown();
        }
    }

    /** While the collections find nothing, they become rarer: the pool is then too small for its load, and they only add to it. */
    private void slowDown() {
        long leaks = recovery.leaks();
        pauseNanos = leaks > leaksBefore ? SHORTEST_PAUSE_NANOS : Math.min(LONGEST_PAUSE_NANOS, 2 * pauseNanos);
        leaksBefore = leaks;
        nextNanos = System.nanoTime() + pauseNanos;
    }

    /** What the latest collection has left, and nobody has used since, is most likely held by somebody: that is looked at rarely. */
    private boolean mayFindLeaks(long now) {
        long latest = collections.latestNanos();
        boolean all = now - latest >= LONGEST_PAUSE_NANOS;
        return entries.open().stream()
                .anyMatch(borrow -> !borrow.isLeaked()
                        && !borrow.usage().hasEscaped()
                        && borrow.usage().idle(now).toMillis() >= UNUSED_MILLIS
                        && (all || borrow.usage().usedSince(latest)));
    }
}
