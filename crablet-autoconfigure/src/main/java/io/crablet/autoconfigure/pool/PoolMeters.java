package io.crablet.autoconfigure.pool;

import io.crablet.pool.WatchedPool;
import io.crablet.pool.ledger.LedgerListener;
import io.crablet.pool.micrometer.PoolMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;

/** The meters of all pools. */
final class PoolMeters implements LedgerListeners {

    private final Map<String, PoolMetrics> metrics = new HashMap<>();

    PoolMeters(WatchedPools pools, MeterRegistry registry) {
        for (WatchedPool pool : pools.watched()) {
            String name = pool.gauge().name();
            metrics.put(name, new PoolMetrics(pool, () -> pools.health(name), registry));
        }
    }

    @Override
    public LedgerListener of(String pool) {
        PoolMetrics known = metrics.get(pool);
        return known == null ? LedgerListener.NO_OP : known;
    }
}
