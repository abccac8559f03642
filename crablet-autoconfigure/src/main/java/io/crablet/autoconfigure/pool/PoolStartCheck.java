package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.autoconfigure.pool.PoolProperties.CapacityCheck;
import io.crablet.pool.PoolCapacity;
import io.crablet.pool.PoolCapacityReport;
import io.crablet.pool.PoolStatistics;
import io.crablet.pool.postgres.PoolClaim;
import io.crablet.pool.postgres.ServerLimits;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
        List<String> corrections = pool.isRunning() ? List.of() : HikariCorrections.of(pool);
        corrections.forEach(correction -> log.warn(
                "Pool {}: {}. Correct spring.datasource.hikari or the profile, so that"
                        + " the pool has the settings you see",
                name,
                correction));
        brake(pool, name);
        Finding finding = mode == CapacityCheck.OFF
                ? new Finding(null, "not checked: crablet.pool.capacity-check is off", true)
                : checkCapacity(pool, name);
        checked.add(new CheckedPool(pool, beanName, corrections, finding));
    }

    /**
     * Whether a pool that runs may be made larger. Asks the server over a connection beside the pool.
     *
     * @return why it may not, in a sentence or two; null if it may
     */
    synchronized @Nullable String refusal(HikariDataSource pool, int maximum) {
        Integer braked = brake.maximum();
        if (braked != null && maximum > braked) {
            return "%s allows %d connections at most. Restart without it to go beyond."
                    .formatted(EmergencyBrake.MAXIMUM, braked);
        }
        if (mode == CapacityCheck.OFF || mode == CapacityCheck.WARN) {
            return null;
        }
        HikariDataSource bare = Unwrapping.bare(pool);
        try {
            ServerLimits limits = ServerLimitsReader.readWithoutBorrowing(bare);
            if (limits == null) {
                return null;
            }
            PoolCapacity capacity = limits.capacity(openIn(bare), claims(bare));
            return maximum <= capacity.available()
                    ? null
                    : ("The server has no room for a maximum-pool-size of %d: %s. Choose %d or less, or free connections on"
                                    + " the server.")
                            .formatted(maximum, capacity.arithmetic(), capacity.available());
        } catch (SQLException e) {
            log.debug("The limits of the server of pool {} could not be read", pool.getPoolName(), e);
            return "The server's limits could not be read (%s, SQLState %s), and without them the pool is not made larger."
                    .formatted(e.getClass().getSimpleName(), e.getSQLState());
        }
    }

    boolean hasChecked(HikariDataSource pool) {
        HikariDataSource bare = Unwrapping.bare(pool);
        return checked.stream().anyMatch(other -> other.pool() == bare);
    }

    /** What was found for a pool: not by its name, which may be that of another one's bean. */
    @Nullable
    String message(HikariDataSource pool) {
        return found(pool).map(CheckedPool::message).orElse(null);
    }

    /** The same, if the pool does not fit; otherwise null. */
    @Nullable
    String shortage(HikariDataSource pool) {
        return found(pool)
                .filter(candidate -> !candidate.finding().fits())
                .map(CheckedPool::message)
                .orElse(null);
    }

    /** The settings of a pool that HikariCP replaces, a sentence without its full stop for each. */
    List<String> corrections(HikariDataSource pool) {
        return found(pool).map(CheckedPool::corrections).orElse(List.of());
    }

    private Optional<CheckedPool> found(HikariDataSource pool) {
        HikariDataSource bare = Unwrapping.bare(pool);
        return checked.stream().filter(candidate -> candidate.pool() == bare).findFirst();
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

    private Finding checkCapacity(HikariDataSource pool, String name) {
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
            return new Finding(null, message, true);
        }
        if (limits == null) {
            return new Finding(null, null, true);
        }
        PoolCapacity capacity = limits.capacity(Math.max(0, open), claims(pool));
        boolean fits = pool.getMaximumPoolSize() <= capacity.available();
        return new Finding(limits, compare(pool, name, capacity), fits);
    }

    /** What the other pools take. */
    private List<PoolClaim> claims(HikariDataSource pool) {
        return checked.stream()
                .filter(other -> other.pool() != pool)
                .map(CheckedPool::claim)
                .filter(Objects::nonNull)
                .toList();
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
                .addKeyValue(PoolStatistics.EVENT, "pool.capacity-adjusted")
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

    /** What the server said when a pool was checked, what came of it, both null where it was not asked, and whether it fits. */
    private record Finding(
            @Nullable ServerLimits limits, @Nullable String message, boolean fits) {}

    /** A pool, and what was found when it was checked. */
    private record CheckedPool(HikariDataSource pool, String beanName, List<String> corrections, Finding finding) {

        // Hikari gives a pool its name when it starts, so this may change once.
        private String name() {
            return pool.getPoolName() == null ? beanName : pool.getPoolName();
        }

        private @Nullable String message() {
            return finding.message();
        }

        private @Nullable PoolClaim claim() {
            ServerLimits limits = finding.limits();
            return limits == null ? null : limits.claim(openIn(pool), pool.getMaximumPoolSize());
        }
    }
}
