package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long callers have waited for a pool with nothing to give. It takes an uninterrupted while to become lasting, and an
 * uninterrupted while to end after that, so that a pool on the brink does not flap.
 *
 * @param since when it began, null if there is none
 * @param relieved when a lasting one was last seen to be over, null if it is not over
 * @param lasting whether it has gone on for longer than is tolerated
 */
record Starvation(@Nullable Instant since, @Nullable Instant relieved, boolean lasting) {

    static final Starvation NONE = new Starvation(null, null, false);

    /** What is known after another look at the pool. */
    Starvation next(boolean starved, Instant now, HealthLimits limits) {
        if (starved) {
            Instant start = since == null ? now : since;
            return new Starvation(start, null, lasting || reached(start, now, limits.exhaustedFor()));
        }
        if (!lasting) {
            return NONE;
        }
        Instant end = relieved == null ? now : relieved;
        return reached(end, now, limits.recoveredFor()) ? NONE : new Starvation(since, end, true);
    }

    private static boolean reached(Instant from, Instant now, Duration time) {
        return Duration.between(from, now).compareTo(time) >= 0;
    }
}
