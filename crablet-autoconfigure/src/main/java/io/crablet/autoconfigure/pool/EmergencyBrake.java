package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * Limits given in the environment by an operator, which win over every other setting.
 *
 * @param maximum the most connections of a pool; null if not given
 * @param minimum the least it keeps open; null if not given
 */
record EmergencyBrake(@Nullable Integer maximum, @Nullable Integer minimum) {

    static final String MAXIMUM = "DB_MAX_CONNS";

    static final String MINIMUM = "DB_MIN_CONNS";

    /**
     * Reads the limits. A variable that is there but empty counts as not given.
     *
     * @throws PoolSettingsException if one is no number, or is too small
     */
    static EmergencyBrake of(Environment environment) {
        return new EmergencyBrake(read(environment, MAXIMUM, 1), read(environment, MINIMUM, 0));
    }

    /** The variable that a limit is from: of a maximum below the minimum the minimum is too. */
    static String variable(Environment environment, boolean maximum) {
        return maximum || of(environment).minimum() == null ? MAXIMUM : MINIMUM;
    }

    private static @Nullable Integer read(Environment environment, String name, int smallest) {
        String text = environment.getProperty(name, "").strip();
        if (text.isEmpty()) {
            return null;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) < smallest) {
            throw new PoolSettingsException(
                    "%s is '%s'; it has to be a whole number of connections, %d or more."
                            .formatted(name, text, smallest),
                    "Set %s to such a number, for example %s=50, or remove it.".formatted(name, name));
        }
        return Integer.valueOf(text);
    }
}
