package io.crablet.pool;

import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Knows the health of pools at any time, without borrowing from them.
 *
 * <p>Once started it looks at all of them every second, in one daemon thread, and logs changes of state on the logger
 * {@value PoolStatistics#LOGGER}. Not started it still answers, from the moments it is asked at. Thread-safe.
 */
public final class PoolMonitor implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(PoolStatistics.LOGGER);

    private final InstantSource clock;

    private final HealthLimits limits;

    private final Map<String, PoolHistory> histories = new LinkedHashMap<>();

    private @Nullable ScheduledExecutorService sampler;

    /**
     * Makes a monitor that does nothing yet.
     *
     * @param pools the pools, each with a name of its own
     * @param limits when a pool counts as busy or out of service
     * @param clock says what time it is
     */
    public PoolMonitor(Collection<WatchedPool> pools, HealthLimits limits, InstantSource clock) {
        this.clock = clock;
        this.limits = limits;
        for (WatchedPool pool : pools) {
            String name = pool.gauge().name();
            if (histories.put(name, new PoolHistory(pool, limits)) != null) {
                throw new IllegalArgumentException("Two pools have the name " + name);
            }
        }
    }

    /** Starts looking every second, unless it does already. */
    public synchronized void start() {
        if (sampler == null) {
            sampler = Executors.newSingleThreadScheduledExecutor(PoolMonitor::daemon);
            for (PoolHistory history : histories.values()) {
                StateChanges changes = new StateChanges(limits.recoveredFor());
                sampler.scheduleWithFixedDelay(() -> sample(history, changes), 0, 1, TimeUnit.SECONDS);
            }
        }
    }

    /** Stops looking. It can be started again. */
    @Override
    public synchronized void close() {
        if (sampler != null) {
            sampler.shutdownNow();
            sampler = null;
        }
    }

    /**
     * How a pool is now.
     *
     * @param pool its name
     * @return its health
     * @throws IllegalArgumentException if there is no such pool
     */
    public PoolHealth health(String pool) {
        PoolHistory history = histories.get(pool);
        if (history == null) {
            throw new IllegalArgumentException("There is no pool " + pool + ", only " + histories.keySet());
        }
        return history.observe(clock.instant());
    }

    private void sample(PoolHistory history, StateChanges changes) {
        try {
            PoolHealth health = history.observe(clock.instant());
            if (changes.worthTelling(health, clock.instant())) {
                tell(history.name(), health);
            }
        } catch (RuntimeException e) {
            // The executor would never look again.
            logger.warn("Pool {} could not be looked at; trying again in a second", history.name(), e);
        }
    }

    private static void tell(String pool, PoolHealth health) {
        logger.atLevel(health.state() == PoolState.HEALTHY ? Level.INFO : Level.WARN)
                .log(
                        "Pool {} is {}{}: {} ({})",
                        pool,
                        health.state().label(),
                        health.outOfService() ? " and out of service" : "",
                        health.message(),
                        health.counts());
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "crablet-pool-monitor");
        thread.setDaemon(true);
        return thread;
    }
}
