package io.crablet.autoconfigure.pool;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.pool.PoolTimeline;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Counts the events that the application's event store appends, in the steps of a pool's timeline. Thread-safe. */
final class AppendedEvents implements EventStoreListener {

    private static final int PLACES = PoolTimeline.STEPS + 1;

    private final InstantSource clock;

    private final long[] steps = new long[PLACES];

    private final long[] counts = new long[PLACES];

    private @Nullable Long since;

    /**
     * Makes one that has counted nothing.
     *
     * @param clock that of the timelines
     */
    AppendedEvents(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void storeBuilt(IntSupplier queuedAppends) {
        if (since == null) {
            since = PoolTimeline.step(clock.instant());
        }
    }

    @Override
    public synchronized void eventsCommitted(int events) {
        long step = PoolTimeline.step(clock.instant());
        int place = place(step);
        if (steps[place] != step) {
            steps[place] = step;
            counts[place] = 0;
        }
        counts[place] += events;
    }

    /** Events in a second, for each step of a timeline; null if no event store tells. */
    synchronized @Nullable List<@Nullable Double> perSecond(PoolTimeline timeline) {
        if (since == null) {
            return null;
        }
        List<@Nullable Double> rates = new ArrayList<>();
        long step = PoolTimeline.step(timeline.end()) - timeline.steps().size();
        for (PoolTimeline.Step seen : timeline.steps()) {
            rates.add(seen == null || step < since ? null : count(step) / (double) PoolTimeline.STEP.toSeconds());
            step++;
        }
        return rates;
    }

    private long count(long step) {
        int place = place(step);
        return steps[place] == step ? counts[place] : 0;
    }

    private static int place(long step) {
        return (int) Math.floorMod(step, (long) PLACES);
    }
}
