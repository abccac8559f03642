package io.crablet.pool;

import java.time.Instant;
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
     * Makes a monitor that does nothing yet, with verdicts by their default limits.
     *
     * @param pools the pools, each with a name of its own
     * @param limits when a pool counts as busy or out of service
     * @param clock says what time it is
     */
    public PoolMonitor(Collection<WatchedPool> pools, HealthLimits limits, InstantSource clock) {
        this(pools, limits, VerdictLimits.DEFAULTS, clock);
    }

    /**
     * Makes a monitor that does nothing yet.
     *
     * @param pools the pools, each with a name of its own
     * @param limits when a pool counts as busy or out of service
     * @param verdictLimits when there is evidence enough for a verdict
     * @param clock says what time it is
     */
    public PoolMonitor(
            Collection<WatchedPool> pools, HealthLimits limits, VerdictLimits verdictLimits, InstantSource clock) {
        this.clock = clock;
        this.limits = limits;
        for (WatchedPool pool : pools) {
            String name = pool.gauge().name();
            if (histories.put(name, new PoolHistory(pool, limits, verdictLimits)) != null) {
                throw new IllegalArgumentException("Two pools have the name " + name);
            }
        }
    }

    /** Starts looking every second, unless it does already. */
    public synchronized void start() {
        if (sampler == null) {
            sampler = Executors.newSingleThreadScheduledExecutor(PoolMonitor::daemon);
            for (PoolHistory history : histories.values()) {
                StateLog log = new StateLog(history.name(), limits.recoveredFor());
                sampler.scheduleWithFixedDelay(() -> sample(history, log), 0, 1, TimeUnit.SECONDS);
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
     * How a pool is now. Quick: what it says of who holds connections may be a moment old.
     *
     * @param pool its name
     * @return its health
     * @throws IllegalArgumentException if there is no such pool
     */
    public PoolHealth health(String pool) {
        PoolHistory history = history(pool);
        return history.observe(clock.instant(), () -> others(history));
    }

    /**
     * Everything that can be seen of a pool now, with a fresh ledger.
     *
     * @param pool its name
     * @return what was seen
     * @throws IllegalArgumentException if there is no such pool
     */
    public PoolLook look(String pool) {
        PoolHistory history = history(pool);
        return history.look(clock.instant(), () -> others(history));
    }

    /**
     * How much a pool was used in the last minute, as far as the monitor has looked at it.
     *
     * @param pool its name
     * @return what was measured; {@link PoolRates#NONE} if the monitor has not looked twice
     * @throws IllegalArgumentException if there is no such pool
     */
    public PoolRates rates(String pool) {
        return history(pool).rates();
    }

    /**
     * What was seen of a pool in the last quarter of an hour, while the monitor was started.
     *
     * @param pool its name
     * @return what was seen
     * @throws IllegalArgumentException if there is no such pool
     */
    public PoolTimeline timeline(String pool) {
        return history(pool).timeline(clock.instant());
    }

    private PoolHistory history(String pool) {
        PoolHistory history = histories.get(pool);
        if (history == null) {
            throw new IllegalArgumentException("There is no pool " + pool + ", only " + histories.keySet());
        }
        return history;
    }

    /** The ledgers, as they are now, of the other pools on the same server, whose connections may hold a lock. */
    private Map<String, LedgerSnapshot> others(PoolHistory history) {
        String server = history.pool().server();
        if (server == null || histories.size() == 1) {
            return Map.of();
        }
        Map<String, LedgerSnapshot> others = new LinkedHashMap<>();
        for (PoolHistory other : histories.values()) {
            if (other != history && server.equals(other.pool().server())) {
                others.put(other.name(), other.pool().ledger().get());
            }
        }
        return others;
    }

    private void sample(PoolHistory history, StateLog log) {
        try {
            Instant now = clock.instant();
            log.seen(history.record(now, () -> others(history)).health(), now);
        } catch (RuntimeException | Error e) {
            // The executor would never look again.
            logger.warn("Pool {} could not be looked at; trying again in a second", history.name(), e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "crablet-pool-monitor");
        thread.setDaemon(true);
        return thread;
    }
}
