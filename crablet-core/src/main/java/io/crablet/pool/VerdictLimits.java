package io.crablet.pool;

import java.time.Duration;

/**
 * When there is evidence enough for a verdict. It comes long before a connection is a suspect, so that a fault is named while
 * it is fresh.
 *
 * @param evidentAfter for how long a statement has to run, or a connection to lie unused, before that says anything
 * @param staleAfter how old the server's last answer may be
 */
public record VerdictLimits(Duration evidentAfter, Duration staleAfter) {

    /** Evident after 2 s, stale after 15 s. */
    public static final VerdictLimits DEFAULTS = new VerdictLimits(Duration.ofSeconds(2), Duration.ofSeconds(15));

    /**
     * Checks the limits.
     *
     * @param evidentAfter longer than nothing
     * @param staleAfter longer than nothing; a few times the interval at which the server is asked
     */
    public VerdictLimits {
        if (evidentAfter.isNegative() || evidentAfter.isZero() || staleAfter.isNegative() || staleAfter.isZero()) {
            throw new IllegalArgumentException("evidentAfter (%s) and staleAfter (%s) must be longer than nothing"
                    .formatted(evidentAfter, staleAfter));
        }
    }
}
