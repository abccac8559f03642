package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was seen of a pool for a quarter of an hour, in steps: of each step the most, so that a burst that one look has met is
 * still there. Takes a few kilobytes, however long it records. Thread-safe.
 */
final class TimelineRecorder {

    /** Each step in the place of the one that is that much older, and the one that has not ended yet. */
    private final @Nullable Recorded[] places = new @Nullable Recorded[PoolTimeline.STEPS + 1];

    private @Nullable Look before;

    /** What the ledger had counted when it was looked at last. */
    private record Look(long step, long lent, Duration waited) {}

    private static final class Recorded {

        private final long step;

        private int active;

        private int waiting;

        private @Nullable Integer suspects;

        private long lent;

        private Duration waited = Duration.ZERO;

        private Recorded(long step) {
            this.step = step;
        }

        private PoolTimeline.Step seen() {
            return new PoolTimeline.Step(active, waiting, suspects, lent == 0 ? null : waited.dividedBy(lent));
        }
    }

    synchronized void add(Instant at, PoolCounts counts, LedgerSnapshot ledger) {
        long step = PoolTimeline.step(at);
        Recorded recorded = at(step);
        if (recorded == null) {
            recorded = new Recorded(step);
            places[place(step)] = recorded;
        }
        recorded.active = Math.max(recorded.active, counts.active());
        recorded.waiting = Math.max(recorded.waiting, counts.waiting());
        if (ledger.borrows() > 0 || counts.active() == 0) {
            int suspects = ledger.borrowed().size() - ledger.count(BorrowGrade.NORMAL);
            recorded.suspects = recorded.suspects == null ? suspects : Math.max(recorded.suspects, suspects);
        }
        Look now = new Look(step, ledger.borrows(), ledger.waitedTotal());
        // After a gap nobody knows in which steps the connections were lent.
        if (before != null && step - before.step() <= 1) {
            recorded.lent += now.lent() - before.lent();
            recorded.waited = recorded.waited.plus(now.waited().minus(before.waited()));
        }
        before = now;
    }

    /** What was seen until a moment, without the step that it is in. */
    synchronized PoolTimeline until(Instant now) {
        long end = PoolTimeline.step(now);
        List<PoolTimeline.@Nullable Step> steps = new ArrayList<>();
        for (long step = end - PoolTimeline.STEPS; step < end; step++) {
            Recorded recorded = at(step);
            if (recorded != null || !steps.isEmpty()) {
                steps.add(recorded == null ? null : recorded.seen());
            }
        }
        return new PoolTimeline(PoolTimeline.begin(end), steps);
    }

    private @Nullable Recorded at(long step) {
        Recorded recorded = places[place(step)];
        return recorded == null || recorded.step != step ? null : recorded;
    }

    private int place(long step) {
        return (int) Math.floorMod(step, (long) places.length);
    }
}
