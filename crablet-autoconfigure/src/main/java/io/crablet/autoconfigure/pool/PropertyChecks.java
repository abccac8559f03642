package io.crablet.autoconfigure.pool;

import java.time.Duration;

/** Refuses durations that make no sense, by the name of the property they come from. */
final class PropertyChecks {

    private PropertyChecks() {}

    static void positive(String property, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(property + " is " + duration + "; it must be longer than nothing");
        }
    }

    static void notNegative(String property, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(property + " is " + duration + "; it must not be negative");
        }
    }
}
