package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Foresees which of its settings Hikari will replace when the pool starts. Follows {@link HikariConfig#validate()}. */
final class HikariCorrections {

    private static final long SHORTEST_LIFETIME = Duration.ofSeconds(30).toMillis();

    private static final long DEFAULT_LIFETIME = Duration.ofMinutes(30).toMillis();

    private static final long SHORTEST_KEEPALIVE = Duration.ofSeconds(30).toMillis();

    private static final long SHORTEST_LEAK_DETECTION = Duration.ofSeconds(2).toMillis();

    private static final long SHORTEST_IDLE_TIMEOUT = Duration.ofSeconds(10).toMillis();

    private static final long DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10).toMillis();

    private static final long LIFETIME_AFTER_IDLE_TIMEOUT =
            Duration.ofSeconds(1).toMillis();

    private HikariCorrections() {}

    /**
     * Returns what will be replaced.
     *
     * @param config the settings of a pool that has not started
     * @return a sentence for each setting, without its full stop
     */
    static List<String> of(HikariConfig config) {
        List<String> corrections = new ArrayList<>();
        long lifetime = config.getMaxLifetime();
        if (lifetime != 0 && lifetime < SHORTEST_LIFETIME) {
            corrections.add("max-lifetime %d ms is below %d ms: Hikari takes %d ms"
                    .formatted(lifetime, SHORTEST_LIFETIME, DEFAULT_LIFETIME));
            lifetime = DEFAULT_LIFETIME;
        }
        checkKeepalive(config.getKeepaliveTime(), lifetime, corrections);
        checkLeakDetection(config.getLeakDetectionThreshold(), lifetime, corrections);
        int maximum = config.getMaximumPoolSize();
        int minimum = config.getMinimumIdle();
        if (minimum > maximum) {
            corrections.add("minimum-idle %d is above maximum-pool-size %d: Hikari takes %d"
                    .formatted(minimum, maximum, maximum));
        }
        boolean shrinks = minimum >= 0 && minimum < maximum;
        if (shrinks) {
            checkIdleTimeout(config.getIdleTimeout(), lifetime, corrections);
        }
        return corrections;
    }

    private static void checkKeepalive(long keepalive, long lifetime, List<String> corrections) {
        if (keepalive != 0 && keepalive < SHORTEST_KEEPALIVE) {
            corrections.add("keepalive-time %d ms is below %d ms: Hikari turns it off"
                    .formatted(keepalive, SHORTEST_KEEPALIVE));
        } else if (keepalive != 0 && lifetime != 0 && keepalive >= lifetime) {
            corrections.add("keepalive-time %d ms is not below max-lifetime %d ms: Hikari turns it off"
                    .formatted(keepalive, lifetime));
        }
    }

    private static void checkLeakDetection(long threshold, long lifetime, List<String> corrections) {
        if (threshold > 0 && threshold < SHORTEST_LEAK_DETECTION) {
            corrections.add("leak-detection-threshold %d ms is below %d ms: Hikari turns it off"
                    .formatted(threshold, SHORTEST_LEAK_DETECTION));
        } else if (threshold > 0 && lifetime > 0 && threshold > lifetime) {
            corrections.add("leak-detection-threshold %d ms is above max-lifetime %d ms: Hikari turns it off"
                    .formatted(threshold, lifetime));
        }
    }

    private static void checkIdleTimeout(long idleTimeout, long lifetime, List<String> corrections) {
        // A timeout that is off, 0, is too close to a lifetime only if that is below a second, which it cannot be.
        if (lifetime > 0 && idleTimeout + LIFETIME_AFTER_IDLE_TIMEOUT > lifetime) {
            corrections.add("idle-timeout %d ms is not %d ms below max-lifetime %d ms: Hikari turns it off"
                    .formatted(idleTimeout, LIFETIME_AFTER_IDLE_TIMEOUT, lifetime));
        } else if (idleTimeout != 0 && idleTimeout < SHORTEST_IDLE_TIMEOUT) {
            corrections.add("idle-timeout %d ms is below %d ms: Hikari takes %d ms"
                    .formatted(idleTimeout, SHORTEST_IDLE_TIMEOUT, DEFAULT_IDLE_TIMEOUT));
        }
    }
}
