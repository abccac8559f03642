package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs the changes of one pool's state, with keys and values for those who search in logs. For one thread. */
final class StateLog {

    private static final Logger logger = LoggerFactory.getLogger(PoolStatistics.LOGGER);

    private final String pool;

    private final StateChanges changes;

    private @Nullable Instant exhaustedSince;

    StateLog(String pool, Duration calm) {
        this.pool = pool;
        this.changes = new StateChanges(calm);
    }

    void seen(PoolHealth health, Instant now) {
        if (changes.worthTelling(health, now)) {
            tell(health, now);
        }
    }

    private void tell(PoolHealth health, Instant now) {
        PoolCounts counts = health.counts();
        LoggingEventBuilder event = logger.atLevel(health.state() == PoolState.HEALTHY ? Level.INFO : Level.WARN)
                .addKeyValue(PoolStatistics.EVENT, event(health.state()))
                .addKeyValue("pool", pool)
                .addKeyValue("state", health.state().label())
                .addKeyValue("outOfService", health.outOfService())
                .addKeyValue("total", counts.total())
                .addKeyValue("idle", counts.idle())
                .addKeyValue("active", counts.active())
                .addKeyValue("waiting", counts.waiting())
                .addKeyValue("max", counts.max());
        if (health.borrows() != null) {
            event = event.addKeyValue(
                            "oldestBorrowMs", health.borrows().oldest().toMillis())
                    .addKeyValue("suspects", health.borrows().suspects());
        }
        if (exhaustedSince != null) {
            event = event.addKeyValue(
                    "exhaustedMs", Duration.between(exhaustedSince, now).toMillis());
        }
        event.log(
                "Pool {} is {}{}: {} ({})",
                pool,
                health.state().label(),
                health.outOfService() ? " and out of service" : "",
                health.message(),
                counts);
        remember(health.state(), now);
    }

    private String event(PoolState state) {
        return switch (state) {
            case EXHAUSTED -> "pool.exhausted";
            case UNREACHABLE -> "pool.unreachable";
            default -> exhaustedSince == null ? "pool.state" : "pool.exhaustion-ended";
        };
    }

    /** A database that is gone does not end an exhaustion: nobody gets a connection from it either. */
    private void remember(PoolState state, Instant now) {
        if (state == PoolState.EXHAUSTED && exhaustedSince == null) {
            exhaustedSince = now;
        } else if (state.compareTo(PoolState.EXHAUSTED) < 0) {
            exhaustedSince = null;
        }
    }
}
