package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.pool.PoolCounts;
import org.jspecify.annotations.Nullable;

/** Changes a pool's limits while it runs. One pool is resized at a time, since the limits of several share one server. */
final class PoolResize {

    private final @Nullable PoolStartCheck check;

    PoolResize(@Nullable PoolStartCheck check) {
        this.check = check;
    }

    /** Sets what is given, and lets a minimum that is not given follow a smaller maximum. */
    synchronized OperationResult resize(OperatedPool pool, OperationArguments arguments) {
        HikariDataSource source = pool.source();
        HikariPoolMXBean running = source.getHikariPoolMXBean();
        if (running == null) {
            return refused(
                    pool, "Pool %s has not started: it will take its size from its settings.".formatted(pool.name()));
        }
        Integer newMaximum = arguments.numberIfGiven("maximumPoolSize", 1);
        Integer newMinimum = arguments.numberIfGiven("minimumIdle", 0);
        if (newMaximum == null && newMinimum == null) {
            throw OperationArguments.invalid("resize needs \"maximumPoolSize\", \"minimumIdle\" or both.");
        }
        int maximum = newMaximum == null ? source.getMaximumPoolSize() : newMaximum;
        int minimum = newMinimum == null ? Math.min(source.getMinimumIdle(), maximum) : newMinimum;
        if (minimum > maximum) {
            throw OperationArguments.invalid(("\"minimumIdle\" would be %d, above the \"maximumPoolSize\" of %d:"
                            + " lower the one or raise the other.")
                    .formatted(minimum, maximum));
        }
        String refusal = maximum > source.getMaximumPoolSize() && check != null ? check.refusal(source, maximum) : null;
        return refusal == null ? set(pool, running, maximum, minimum) : refused(pool, refusal);
    }

    private static OperationResult set(OperatedPool pool, HikariPoolMXBean running, int maximum, int minimum) {
        HikariDataSource source = pool.source();
        PoolCounts before = pool.counts();
        String limits = "maximum-pool-size from %d to %d, minimum-idle from %d to %d"
                .formatted(source.getMaximumPoolSize(), maximum, source.getMinimumIdle(), minimum);
        // HikariCP does not check them against each other while it runs: the minimum is never above the maximum.
        if (minimum < source.getMinimumIdle()) {
            source.setMinimumIdle(minimum);
        }
        source.setMaximumPoolSize(maximum);
        source.setMinimumIdle(minimum);
        return OperationResult.of(
                        PoolOperation.RESIZE,
                        pool.name(),
                        OperationResult.DONE,
                        "Changed %s, until the next restart.%s".formatted(limits, effect(running, before, maximum)))
                .withCounts(before, pool.counts());
    }

    private static String effect(HikariPoolMXBean running, PoolCounts before, int maximum) {
        if (before.total() > maximum) {
            running.softEvictConnections();
            return (" It has %d connections: the %d idle ones were closed, the %d in use are closed when they come back,"
                            + " and it opens new ones, %d in all at most.")
                    .formatted(before.total(), before.idle(), before.active(), maximum);
        }
        return maximum > before.max()
                ? " It opens more when the next caller asks, or within 30 s, as it needs them."
                : "";
    }

    private static OperationResult refused(OperatedPool pool, String why) {
        return OperationResult.of(PoolOperation.RESIZE, pool.name(), OperationResult.REFUSED, why);
    }
}
