package io.crablet.eventstore.postgres;

import java.time.Duration;

/** Checks settings that have to be greater than zero. */
final class Positive {

    private Positive() {}

    static Duration required(String name, Duration duration) {
        if (duration.toMillis() < 1 || duration.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    name + " is " + duration + ", it has to be from 1 ms to " + Integer.MAX_VALUE + " ms");
        }
        return duration;
    }

    static int required(String name, int number) {
        if (number < 1) {
            throw new IllegalArgumentException(name + " is " + number + ", it has to be at least 1");
        }
        return number;
    }
}
