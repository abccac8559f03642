package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolTimeline;
import io.crablet.pool.PoolTimeline.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The last quarter of an hour, as lists for a chart. All are equally long, the oldest value first, null where nothing was measured.
 *
 * @param endsAt when the last step ended
 * @param stepMs how long a step is
 * @param active the most connections in use
 * @param waiting the most callers that waited
 * @param suspects the most connections held for too long
 * @param acquireMs the mean time that callers waited who got a connection
 * @param appended events appended in a second; null if the application has no event store, or this is not its pool
 */
record ConsoleHistory(
        Instant endsAt,
        long stepMs,
        List<@Nullable Integer> active,
        List<@Nullable Integer> waiting,
        List<@Nullable Integer> suspects,
        List<@Nullable Double> acquireMs,
        @Nullable List<@Nullable Double> appended) {

    static ConsoleHistory of(PoolTimeline timeline, Instant endsAt, @Nullable List<@Nullable Double> appended) {
        return new ConsoleHistory(
                endsAt,
                PoolTimeline.STEP.toMillis(),
                each(timeline, Step::active),
                each(timeline, Step::waiting),
                each(timeline, Step::suspects),
                each(timeline, step -> milliseconds(step.meanWait())),
                appended);
    }

    private static <T> List<@Nullable T> each(PoolTimeline timeline, Function<Step, @Nullable T> figure) {
        List<@Nullable T> values = new ArrayList<>();
        for (Step step : timeline.steps()) {
            values.add(step == null ? null : figure.apply(step));
        }
        return values;
    }

    private static @Nullable Double milliseconds(@Nullable Duration time) {
        return time == null ? null : time.toNanos() / 1_000 / 1_000.0;
    }
}
