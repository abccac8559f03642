package io.crablet.pool;

import java.time.Instant;

/** Looks at one pool again and again, and remembers for how long callers have been waiting. Thread-safe. */
final class PoolHistory {

    private final WatchedPool pool;

    private final HealthLimits limits;

    private Starvation starvation = Starvation.NONE;

    PoolHistory(WatchedPool pool, HealthLimits limits) {
        this.pool = pool;
        this.limits = limits;
    }

    String name() {
        return pool.gauge().name();
    }

    PoolHealth observe(Instant now) {
        DatabaseAnswer answer = pool.database().get();
        PoolPhase phase = pool.gauge().phase();
        PoolCounts counts = pool.gauge().counts();
        return new Diagnosis(phase, counts, starvation(counts, now), answer, pool.ownAddress(), limits, now).health();
    }

    private synchronized Starvation starvation(PoolCounts counts, Instant now) {
        starvation = starvation.next(counts.starved(), now, limits);
        return starvation;
    }
}
