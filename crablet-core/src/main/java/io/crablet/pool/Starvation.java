package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long callers have waited in vain for a pool with nothing to give. It takes an uninterrupted while to become lasting, and
 * an uninterrupted while to end after that, so that a pool on the brink does not flap. That nobody waits does not end it: who
 * sees that the pool is out of service sends no more callers.
 *
 * @param since when it began, null if there is none
 * @param relieved when a lasting one was last seen to be over, null if it is not over
 * @param lasting whether it has gone on for longer than is tolerated
 */
record Starvation(@Nullable Instant since, @Nullable Instant relieved, boolean lasting) {

    static final Starvation NONE = new Starvation(null, null, false);

    /**
     * What is known after another look at the pool.
     *
     * @param starved whether callers wait, or have just waited in vain, and there is nothing to give them
     * @param served whether they get connections in good time all the same, as they do from a pool that is always full
     * @param room whether there is something to give to the next caller
     */
    Starvation next(boolean starved, boolean served, boolean room, Instant now, HealthLimits limits) {
        if (starved && !(served && lasting)) {
            Instant start = since == null ? now : since;
            // Once they are no longer served in good time, that has been so for as long as is tolerated.
            Instant latest = now.minus(limits.exhaustedFor());
            if (served) {
                return new Starvation(start.isBefore(latest) ? latest : start, null, false);
            }
            return new Starvation(start, null, lasting || reached(start, now, limits.exhaustedFor()));
        }
        if (!lasting) {
            return NONE;
        }
        if (!room && !served) {
            return new Starvation(since, null, true);
        }
        Instant end = relieved == null ? now : relieved;
        return reached(end, now, limits.recoveredFor()) ? NONE : new Starvation(since, end, true);
    }

    private static boolean reached(Instant from, Instant now, Duration time) {
        return Duration.between(from, now).compareTo(time) >= 0;
    }
}
