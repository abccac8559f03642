package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.autoconfigure.pool.PoolProperties.CapacityCheck;
import io.crablet.pool.PoolCapacity;
import io.crablet.pool.PoolCapacityReport;
import io.crablet.pool.postgres.PoolClaim;
import io.crablet.pool.postgres.ServerLimits;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Looks at each pool before it opens its connections: whether Hikari will take its settings as they are, whether the
 * emergency brake allows them, and whether the server has room for them.
 *
 * <p>Safe for use by several threads; pools are checked one after the other, so that two on one server cannot both be
 * promised the same connections. Who reads the report does not wait for that.
 */
final class PoolStartCheck implements PoolCapacityReport {

    private static final Logger log = LoggerFactory.getLogger(PoolStartCheck.class);

    private final CapacityCheck mode;

    private final EmergencyBrake brake;

    private final List<CheckedPool> checked = new CopyOnWriteArrayList<>();

    PoolStartCheck(CapacityCheck mode, EmergencyBrake brake) {
        this.mode = mode;
        this.brake = brake;
    }

    /**
     * Checks a pool and, where it has to be, lowers its limits. A pool that has been checked is checked anew.
     *
     * @throws PoolSettingsException if the pool does not fit and that should stop the start
     */
    synchronized void check(HikariDataSource pool, String beanName) {
        checked.removeIf(other -> other.pool() == pool || other.pool().isClosed());
        String name = pool.getPoolName() == null ? beanName : pool.getPoolName();
        if (!pool.isRunning()) {
            HikariCorrections.of(pool)
                    .forEach(correction -> log.warn(
                            "Pool {}: {}. Correct spring.datasource.hikari or the profile, so that"
                                    + " the pool has the settings you see",
                            name,
                            correction));
        }
        brake(pool, name);
        checked.add(
                mode == CapacityCheck.OFF
                        ? new CheckedPool(pool, beanName, null, "not checked: crablet.pool.capacity-check is off")
                        : checkCapacity(pool, beanName, name));
    }

    boolean hasChecked(HikariDataSource pool) {
        HikariDataSource bare = Unwrapping.bare(pool);
        return checked.stream().anyMatch(other -> other.pool() == bare);
    }

    /** What was found for a pool: not by its name, which may be that of another one's bean. */
    @Nullable
    String message(HikariDataSource pool) {
        HikariDataSource bare = Unwrapping.bare(pool);
        return checked.stream()
                .filter(candidate -> candidate.pool() == bare)
                .map(CheckedPool::message)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    public Map<String, String> messages() {
        Map<String, String> messages = new LinkedHashMap<>();
        for (CheckedPool pool : checked) {
            if (pool.message() != null && !pool.pool().isClosed()) {
                messages.put(pool.name(), pool.message());
            }
        }
        return messages;
    }

    @Override
    public @Nullable String message(String pool) {
        return checked.stream()
                .filter(candidate ->
                        candidate.name().equals(pool) || candidate.beanName().equals(pool))
                .map(CheckedPool::message)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    // For Spring Boot's own pool the environment has done this already; other pools know nothing of the variables.
    private void brake(HikariDataSource pool, String name) {
        Integer maximum = brake.maximum();
        if (maximum != null && pool.getMaximumPoolSize() > maximum) {
            adjusted(name, pool.getMaximumPoolSize(), maximum, EmergencyBrake.MAXIMUM)
                    .log(
                            "Pool {}: maximum-pool-size lowered from {} to {} by {}",
                            name,
                            pool.getMaximumPoolSize(),
                            maximum,
                            EmergencyBrake.MAXIMUM);
            lower(pool, maximum);
        }
    }

    private CheckedPool checkCapacity(HikariDataSource pool, String beanName, String name) {
        ServerLimits limits;
        int open = pool.isRunning() ? openIn(pool) - 1 : 0;
        try {
            limits = ServerLimitsReader.read(pool);
        } catch (SQLException e) {
            // The driver's message may hold the URL, and that a password.
            String message = "not checked: the server's limits could not be read (%s, SQLState %s)"
                    .formatted(e.getClass().getSimpleName(), e.getSQLState());
            log.warn(
                    "Pool {}: {}. The pool starts with maximum-pool-size {}", name, message, pool.getMaximumPoolSize());
            return new CheckedPool(pool, beanName, null, message);
        }
        if (limits == null) {
            return new CheckedPool(pool, beanName, null, null);
        }
        List<PoolClaim> others = checked.stream()
                .map(CheckedPool::claim)
                .filter(Objects::nonNull)
                .toList();
        String message = compare(pool, name, limits.capacity(Math.max(0, open), others));
        return new CheckedPool(pool, beanName, limits, message);
    }

    private String compare(HikariDataSource pool, String name, PoolCapacity capacity) {
        int wanted = pool.getMaximumPoolSize();
        int available = capacity.available();
        if (wanted <= available) {
            String message = "maximum-pool-size %d fits: %s".formatted(wanted, capacity.arithmetic());
            log.info("Pool {}: {}", name, message);
            return message;
        }
        if (mode == CapacityCheck.FAIL) {
            pool.close();
            throw tooLarge(name, wanted, capacity);
        }
        if (mode == CapacityCheck.WARN) {
            String message = "maximum-pool-size %d is more than the server has room for: %s"
                    .formatted(wanted, capacity.arithmetic());
            log.warn("Pool {}: {}. Lower spring.datasource.hikari.maximum-pool-size or raise the limit", name, message);
            return message;
        }
        // A pool of none is not possible. One that finds no room waits for it, as any pool on a full server does.
        int allowed = Math.max(1, available);
        String message =
                "maximum-pool-size lowered from %d to %d: %s".formatted(wanted, allowed, capacity.arithmetic());
        lower(pool, allowed);
        adjusted(name, wanted, allowed, capacity.arithmetic())
                .log(
                        "Pool {}: {}. Set spring.datasource.hikari.maximum-pool-size to what you want, or raise the limit",
                        name,
                        message);
        return message;
    }

    private static LoggingEventBuilder adjusted(String name, int from, int to, String reason) {
        return log.atWarn()
                .addKeyValue("event", "pool.capacity-adjusted")
                .addKeyValue("pool", name)
                .addKeyValue("from", from)
                .addKeyValue("to", to)
                .addKeyValue("reason", reason);
    }

    private static void lower(HikariDataSource pool, int maximum) {
        if (pool.getMinimumIdle() > maximum) {
            pool.setMinimumIdle(maximum);
        }
        pool.setMaximumPoolSize(maximum);
        HikariPoolMXBean running = pool.getHikariPoolMXBean();
        if (running != null) {
            // Hikari takes a lower maximum for granted only when connections leave.
            running.softEvictConnections();
        }
    }

    private static PoolSettingsException tooLarge(String name, int wanted, PoolCapacity capacity) {
        String action = capacity.available() == 0
                ? "Free connections on the server or raise its limit"
                : "Set spring.datasource.hikari.maximum-pool-size to %d or less, or raise the limit on the server"
                        .formatted(capacity.available());
        return new PoolSettingsException(
                "Pool %s may open %d connections, and the server has room for %d: %s."
                        .formatted(name, wanted, capacity.available(), capacity.arithmetic()),
                action + "; crablet.pool.capacity-check=adjust lowers the pool instead of stopping the start.");
    }

    private static int openIn(HikariDataSource pool) {
        HikariPoolMXBean running = pool.getHikariPoolMXBean();
        return running == null ? 0 : running.getTotalConnections();
    }

    /** A pool, what the server said when it was checked, and what came of it; null where it was not asked. */
    private record CheckedPool(
            HikariDataSource pool,
            String beanName,
            @Nullable ServerLimits limits,
            @Nullable String message) {

        // Hikari gives a pool its name when it starts, so this may change once.
        private String name() {
            return pool.getPoolName() == null ? beanName : pool.getPoolName();
        }

        private @Nullable PoolClaim claim() {
            return limits == null ? null : limits.claim(openIn(pool), pool.getMaximumPoolSize());
        }
    }
}
