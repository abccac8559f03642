package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.PoolTimeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AppendedEventsTests {

    /** A multiple of the step. */
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private static final PoolTimeline.Step SEEN = new PoolTimeline.Step(0, 0, 0, null);

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    private final AppendedEvents events = new AppendedEvents(now::get);

    @Test
    void withoutAStoreThatTellsThereIsNothing() {
        assertThat(events.perSecond(timeline(10, SEEN, SEEN))).isNull();
    }

    @Test
    void eventsOfAStepAreAddedUpAndNoEventsAreZero() {
        events.storeBuilt(() -> 0);
        appendAt(1, 2);
        appendAt(4, 1);
        appendAt(10, 500);
        appendAt(15, 7);

        assertThat(events.perSecond(timeline(15, SEEN, SEEN, SEEN))).containsExactly(0.6, 0.0, 100.0);
    }

    @Test
    void beforeTheStoreAndInGapsNothingIsKnown() {
        now.set(START.plusSeconds(5));
        events.storeBuilt(() -> 0);
        appendAt(6, 5);
        appendAt(10, 5);

        assertThat(events.perSecond(timeline(15, SEEN, SEEN, null))).containsExactly(null, 1.0, null);
    }

    @Test
    void whatIsOlderThanAQuarterOfAnHourIsForgotten() {
        events.storeBuilt(() -> 0);
        List<PoolTimeline.Step> full = new ArrayList<>();
        for (int step = 0; step < PoolTimeline.STEPS; step++) {
            appendAt(5 * step, 5 * (step + 1));
            full.add(SEEN);
        }
        appendAt(900, 5);
        assertThat(events.perSecond(new PoolTimeline(START.plusSeconds(900), full)))
                .startsWith(1.0, 2.0)
                .endsWith(179.0, 180.0);

        assertThat(events.perSecond(timeline(5000, SEEN, SEEN))).containsExactly(0.0, 0.0);
    }

    private void appendAt(int second, int count) {
        now.set(START.plusSeconds(second));
        events.eventsCommitted(count);
    }

    private static PoolTimeline timeline(int endSecond, PoolTimeline.Step... steps) {
        return new PoolTimeline(START.plusSeconds(endSecond), Arrays.asList(steps));
    }
}
