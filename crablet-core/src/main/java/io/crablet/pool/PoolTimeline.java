package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool in the last quarter of an hour, in steps of {@link #STEP} that have all ended.
 *
 * @param end when the last step ended
 * @param steps what was seen in each, the oldest first, at most {@link #STEPS}; null for one in which nobody looked
 */
public record PoolTimeline(Instant end, List<@Nullable Step> steps) {

    /** How long a step is. Steps begin at its multiples, so that those of pools, and of whatever else is counted, are the same. */
    public static final Duration STEP = Duration.ofSeconds(5);

    /** How many steps are kept. */
    public static final int STEPS = 180;

    /**
     * What was seen in a step.
     *
     * @param active the most connections in use
     * @param waiting the most callers that waited
     * @param suspects the most connections held for too long; null if it is not recorded who holds connections
     * @param meanWait for how long those callers had waited, on average, who got a connection; null if nobody did
     */
    public record Step(
            int active,
            int waiting,
            @Nullable Integer suspects,
            @Nullable Duration meanWait) {}

    /**
     * Copies the list.
     *
     * @param end the end
     * @param steps the steps
     */
    public PoolTimeline {
        steps = Collections.unmodifiableList(new ArrayList<>(steps));
    }

    /**
     * Numbers the steps.
     *
     * @param moment a moment
     * @return the number of the step that it is in; the step before has the one before
     */
    public static long step(Instant moment) {
        return Math.floorDiv(moment.toEpochMilli(), STEP.toMillis());
    }

    /** When the step of a number begins. */
    static Instant begin(long step) {
        return Instant.ofEpochMilli(step * STEP.toMillis());
    }
}
