package io.crablet.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say of a pool, found without borrowing from it. It has no SQL in it.
 *
 * @param state what the rest means
 * @param outOfService whether it should get no new work at present: callers have waited in vain for longer than is tolerated,
 *     or it was suspended
 * @param message what is the matter, with the figures, and what to do next
 * @param counts the counters
 * @param database whether the database answers outside the pool
 * @param borrows what the ledger counts; null while it has not seen a borrow, or is switched off
 * @param appendLock a sentence on who holds the append lock of the event log; null if nobody was seen to hold it
 */
public record PoolHealth(
        PoolState state,
        boolean outOfService,
        String message,
        PoolCounts counts,
        DatabaseAnswer database,
        @Nullable Borrows borrows,
        @Nullable String appendLock) {

    /**
     * What the ledger counts, in a few figures. They may be a moment old.
     *
     * @param oldest for how long the connection has been held that has been held longest; zero if none is borrowed
     * @param suspects connections that have been held for longer than {@code suspect-after}, forgotten ones among them
     * @param leakedReclaimed forgotten connections that were taken back since the start
     */
    public record Borrows(Duration oldest, int suspects, long leakedReclaimed) {}
}
