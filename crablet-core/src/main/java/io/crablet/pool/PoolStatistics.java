package io.crablet.pool;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs pools' counters on the logger {@value #LOGGER}, at level DEBUG. Costs nothing while that level is off. */
public final class PoolStatistics {

    /** The logger of pool statistics and changes of state. */
    public static final String LOGGER = "io.crablet.pool.stats";

    /** The key of what a structured log line tells, for example {@code pool.exhausted}. Of ECS, where {@code event} is an object. */
    public static final String EVENT = "event.action";

    private static final Logger logger = LoggerFactory.getLogger(LOGGER);

    private final List<PoolGauge> gauges;

    /**
     * Makes the statistics of some pools.
     *
     * @param gauges the pools
     */
    public PoolStatistics(List<PoolGauge> gauges) {
        this.gauges = List.copyOf(gauges);
    }

    /**
     * Logs a line for each pool.
     *
     * @param moment what happens now, for example {@code "before read"}
     */
    public void log(String moment) {
        if (logger.isDebugEnabled()) {
            for (PoolGauge gauge : gauges) {
                PoolCounts counts = gauge.counts();
                logger.debug(
                        "{} pool={} total={} idle={} active={} waiting={}",
                        moment,
                        gauge.name(),
                        counts.total(),
                        counts.idle(),
                        counts.active(),
                        counts.waiting());
            }
        }
    }
}
