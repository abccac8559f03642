package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.eventsOf;
import static io.crablet.eventstore.EventStoreContract.numbered;
import static io.crablet.eventstore.EventStoreContract.positionsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Appends without a condition. */
interface AppendContract extends EventStoreContract {

    @Test
    default void anEmptyLogHasHeadZero() {
        assertThat(store().head()).isZero();
        assertThat(store().read(Query.all())).isEqualTo(new ReadResult(List.of(), 0));
    }

    @Test
    default void positionsBeginAtOneAndAreContiguous() {
        assertThat(append(event("A"))).isEqualTo(new AppendResult(1, 1));
        assertThat(append(event("A"), event("B"), event("C"))).isEqualTo(new AppendResult(2, 4));
        assertThat(append(event("A"))).isEqualTo(new AppendResult(5, 5));
        assertThat(positionsOf(log())).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    default void theHeadIsThatOfTheLastAppend() {
        assertThat(append(event("A"), event("B")).head()).isEqualTo(2).isEqualTo(store().head());
        assertThat(append(event("C")).head()).isEqualTo(3).isEqualTo(store().head());
    }

    @Test
    default void eventsComeBackInTheOrderGiven() {
        List<Event> events = numbered(1_000);
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
    }

    @Test
    default void asManyEventsAsAllowedAreOneAppend() {
        assertThat(store().append(numbered(10_000))).isEqualTo(new AppendResult(1, 10_000));
        assertThat(store().head()).isEqualTo(10_000);
    }

    @Test
    default void equalEventsAreTwoEvents() {
        append(event("A", C1), event("A", C1));
        append(event("A", C1));
        assertThat(positions(Query.ofTags(C1))).containsExactly(1L, 2L, 3L);
    }

    @Test
    default void theTimeIsWhenItWasAppended() {
        append(event("A"));
        append(event("A"));
        assertThat(log())
                .extracting(SequencedEvent::occurredAt)
                .isSorted()
                .allSatisfy(time -> assertThat(time).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES)));
    }

    @Test
    default void everyWayToReadGivesTheSameEvents() {
        append(event("A", C1), Event.of("B", " {\"b\" : 1}", C1, S1).withMetadata("{ \"m\": 2 }"));
        List<SequencedEvent> read = log();
        for (StreamMode mode : StreamMode.values()) {
            try (var stream = store().stream(Query.all(), ReadOptions.defaults(), mode)) {
                assertThat(stream.toList()).isEqualTo(read);
            }
        }
    }
}
