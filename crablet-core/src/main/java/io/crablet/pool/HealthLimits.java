package io.crablet.pool;

import java.time.Duration;

/**
 * When a pool counts as busy, and when as out of service.
 *
 * @param busyAbove share of the maximum, in percent, above which connections in use make the pool busy
 * @param exhaustedFor how long callers wait for a pool with nothing to give before it is out of service
 * @param recoveredFor how long it must have had something to give before it is in service again
 */
public record HealthLimits(int busyAbove, Duration exhaustedFor, Duration recoveredFor) {

    /** Busy above 80 %, out of service after 5 s, back after 5 s. */
    public static final HealthLimits DEFAULTS = new HealthLimits(80, Duration.ofSeconds(5), Duration.ofSeconds(5));

    /**
     * Checks the limits.
     *
     * @param busyAbove a percentage
     * @param exhaustedFor not negative
     * @param recoveredFor not negative
     */
    public HealthLimits {
        if (busyAbove < 1 || busyAbove > 100) {
            throw new IllegalArgumentException("busyAbove is " + busyAbove + "; it is a percentage from 1 to 100");
        }
        if (exhaustedFor.isNegative() || recoveredFor.isNegative()) {
            throw new IllegalArgumentException("exhaustedFor (%s) and recoveredFor (%s) must not be negative"
                    .formatted(exhaustedFor, recoveredFor));
        }
    }
}
