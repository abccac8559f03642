package io.crablet.pool.hikari;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolGauge;
import io.crablet.pool.PoolPhase;
import org.jspecify.annotations.Nullable;

/** Reads a HikariCP pool. */
public final class HikariPoolGauge implements PoolGauge {

    private final String name;

    private final HikariDataSource pool;

    /**
     * Makes the gauge of a pool, which it never starts.
     *
     * @param name how to call the pool
     * @param pool the pool
     */
    public HikariPoolGauge(String name, HikariDataSource pool) {
        this.name = name;
        this.pool = pool;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PoolPhase phase() {
        if (pool.isClosed()) {
            return PoolPhase.CLOSED;
        }
        if (counters() == null) {
            return PoolPhase.NOT_STARTED;
        }
        return pool.isRunning() ? PoolPhase.RUNNING : PoolPhase.SUSPENDED;
    }

    @Override
    public PoolCounts counts() {
        HikariPoolMXBean counters = counters();
        int max = pool.getMaximumPoolSize();
        return counters == null
                ? new PoolCounts(0, 0, 0, 0, max)
                : new PoolCounts(
                        counters.getTotalConnections(),
                        counters.getIdleConnections(),
                        counters.getActiveConnections(),
                        counters.getThreadsAwaitingConnection(),
                        max);
    }

    private @Nullable HikariPoolMXBean counters() {
        return pool.getHikariPoolMXBean();
    }
}
