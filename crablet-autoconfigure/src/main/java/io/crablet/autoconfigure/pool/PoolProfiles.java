package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.HikariSettings.MAXIMUM;
import static io.crablet.autoconfigure.pool.HikariSettings.MINIMUM;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The profiles: named sets of defaults for {@code spring.datasource.hikari}. */
final class PoolProfiles {

    static final String DEFAULT = "default";

    static final String NONE = "none";

    static final Map<String, Map<String, String>> BUILT_IN = Map.of(
            DEFAULT,
            profile(300, 100, "15m", "10m"),
            "high-throughput",
            profile(200, 50, "10m", "5m"),
            "low-throughput",
            profile(50, 10, "30m", "15m"),
            NONE,
            Map.of());

    private PoolProfiles() {}

    /** The name of the profile that is chosen; an empty one counts as not set. */
    static String nameIn(PoolProperties properties) {
        return properties.profile().isBlank() ? DEFAULT : properties.profile().strip();
    }

    /**
     * Returns the settings of the profile that is chosen.
     *
     * @return the values by the name of their property; may be changed
     * @throws PoolSettingsException if there is no such profile, or it is wrong in itself
     */
    static Map<String, Object> settings(PoolProperties properties) {
        String name = nameIn(properties);
        Map<String, String> builtIn = BUILT_IN.get(name);
        Map<String, String> own = properties.profiles().get(name);
        if (builtIn == null && own == null) {
            throw unknown(name, properties);
        }
        if (own != null && name.equals(NONE)) {
            throw new PoolSettingsException(
                    "crablet.pool.profiles.none is defined, but the profile 'none' sets nothing.",
                    "Give the profile another name.");
        }
        Map<String, Object> settings = read(name, builtIn == null ? Map.of() : builtIn);
        if (own != null) {
            Map<String, Object> changes = read(name, own);
            Integer maximum = (Integer) changes.get(MAXIMUM);
            Integer minimum = (Integer) changes.get(MINIMUM);
            if (maximum != null && minimum != null && minimum > maximum) {
                throw new PoolSettingsException(
                        "The pool profile '%s' has a minimum-idle of %d, above its maximum-pool-size of %d."
                                .formatted(name, minimum, maximum),
                        "Set crablet.pool.profiles.%s.minimum-idle to %d or less.".formatted(name, maximum));
            }
            giveWay(settings, maximum, minimum);
            settings.putAll(changes);
        }
        return settings;
    }

    /** Makes a profile's limits give way to limits that are set, so that the two never contradict each other. */
    static void giveWay(Map<String, Object> settings, @Nullable Integer maximum, @Nullable Integer minimum) {
        if (maximum != null) {
            settings.computeIfPresent(MINIMUM, (name, value) -> Math.min((Integer) value, maximum));
        } else if (minimum != null) {
            settings.computeIfPresent(MAXIMUM, (name, value) -> Math.max((Integer) value, minimum));
        }
    }

    private static Map<String, Object> read(String profile, Map<String, String> values) {
        Map<String, Object> settings = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            try {
                HikariSettings.put(settings, name, value);
            } catch (IllegalArgumentException e) {
                throw new PoolSettingsException(
                        "The pool profile '" + profile + "' cannot be used: " + e.getMessage() + ".",
                        "Correct crablet.pool.profiles." + profile + "." + name + ".");
            }
        });
        return settings;
    }

    private static PoolSettingsException unknown(String name, PoolProperties properties) {
        TreeSet<String> known = new TreeSet<>(BUILT_IN.keySet());
        known.addAll(properties.profiles().keySet());
        return new PoolSettingsException(
                "crablet.pool.profile is '" + name + "', and there is no such profile.",
                "Set crablet.pool.profile to one of " + String.join(", ", known)
                        + ", or define the profile under crablet.pool.profiles." + name + ".");
    }

    private static Map<String, String> profile(int maximum, int minimum, String maxLifetime, String idleTimeout) {
        return Map.of(
                "maximum-pool-size",
                Integer.toString(maximum),
                "minimum-idle",
                Integer.toString(minimum),
                "max-lifetime",
                maxLifetime,
                "idle-timeout",
                idleTimeout,
                "keepalive-time",
                "30s");
    }
}
