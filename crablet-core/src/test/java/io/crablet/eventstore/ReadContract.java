package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.eventsOf;
import static io.crablet.eventstore.EventStoreContract.numbered;
import static io.crablet.eventstore.EventStoreContract.positionsOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which part of the events a read or a stream returns, in which order, and with which head. */
interface ReadContract extends EventStoreContract {

    private List<Long> read(ReadOptions options) {
        List<Long> positions =
                positionsOf(store().read(Query.ofTypes("Numbered"), options).events());
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<SequencedEvent> stream = store().stream(Query.ofTypes("Numbered"), options, mode)) {
                assertThat(positionsOf(stream.toList())).as(mode.name()).isEqualTo(positions);
            }
        }
        return positions;
    }

    @Test
    default void afterIsExclusiveAndUntilInclusive() {
        store().append(numbered(5));
        ReadOptions all = ReadOptions.defaults();
        assertThat(read(all.withAfter(2))).containsExactly(3L, 4L, 5L);
        assertThat(read(all.withUntil(2))).containsExactly(1L, 2L);
        assertThat(read(all.withAfter(1).withUntil(3))).containsExactly(2L, 3L);
        assertThat(read(all.withAfter(3).withUntil(3))).isEmpty();
        assertThat(read(all.withAfter(4).withUntil(2))).isEmpty();
        assertThat(read(all.withUntil(0))).isEmpty();
        assertThat(read(all.withAfter(5))).isEmpty();
        assertThat(read(all.withAfter(Long.MAX_VALUE))).isEmpty();
    }

    @Test
    default void backwardsTurnsTheOrderAndKeepsTheBounds() {
        store().append(numbered(5));
        ReadOptions backwards = ReadOptions.defaults().withBackwards();
        assertThat(read(backwards)).containsExactly(5L, 4L, 3L, 2L, 1L);
        assertThat(read(backwards.withAfter(1).withUntil(4))).containsExactly(4L, 3L, 2L);
        assertThat(read(backwards.withLimit(2))).containsExactly(5L, 4L);
        assertThat(read(backwards.withUntil(3).withLimit(1))).containsExactly(3L);
    }

    @Test
    default void theLimitCountsMatchingEvents() {
        append(event("Other"), event("Other"));
        store().append(numbered(3));
        assertThat(read(ReadOptions.defaults().withLimit(2))).containsExactly(3L, 4L);
        assertThat(read(ReadOptions.defaults().withLimit(3))).containsExactly(3L, 4L, 5L);
        assertThat(read(ReadOptions.defaults().withLimit(4))).containsExactly(3L, 4L, 5L);
    }

    @Test
    default void theHeadIsThatOfTheWholeLogWhateverWasReadOfIt() {
        store().append(numbered(3));
        append(event("Other"));
        ReadOptions all = ReadOptions.defaults();
        assertThat(List.of(all, all.withUntil(1), all.withAfter(9), all.withLimit(1), all.withBackwards()))
                .allSatisfy(options -> assertThat(
                                store().read(Query.ofTypes("Numbered"), options).head())
                        .isEqualTo(4));
    }

    @Test
    default void aStreamReadsNothingBeforeItsTerminalOperation() {
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<SequencedEvent> stream = store().stream(Query.all(), ReadOptions.defaults(), mode)) {
                append(event("A"));
                assertThat(positionsOf(stream.toList())).last().isEqualTo(store().head());
            }
        }
    }

    @Test
    default void aStreamEndsAtTheHeadOfItsBeginning() {
        store().append(numbered(100));
        for (StreamMode mode : StreamMode.values()) {
            for (ReadOptions options :
                    List.of(ReadOptions.defaults(), ReadOptions.defaults().withBackwards())) {
                long head = store().head();
                try (Stream<SequencedEvent> stream = store().stream(Query.all(), options, mode)) {
                    assertThat(stream.peek(event -> append(event("Meanwhile"))).map(SequencedEvent::position))
                            .containsExactlyInAnyOrderElementsOf(
                                    LongStream.rangeClosed(1, head).boxed().toList());
                }
            }
        }
    }

    @Test
    default void anyPartOfAnyQueryIsThatOfThePlainList() {
        long seed = System.nanoTime();
        RandomEvents random = new RandomEvents(new Random(seed), 5, 3);
        ModelLog model = new ModelLog();
        for (int i = 0; i < 60; i++) {
            List<Event> events = random.events(4, Integer.toString(i));
            store().append(events);
            model.append(events);
        }
        for (int i = 0; i < 3_000; i++) {
            Query query = random.query();
            ReadOptions options = random.options(model.head());
            List<Long> expected = model.read(query, options);
            String what = "seed " + seed + ", " + query + ", " + options;

            ReadResult result = store().read(query, options);
            assertThat(positionsOf(result.events())).as(what).isEqualTo(expected);
            assertThat(eventsOf(result.events()))
                    .as(what)
                    .isEqualTo(expected.stream().map(model::event).toList());
            assertThat(result.head()).as(what).isEqualTo(model.head());

            StreamMode mode = StreamMode.values()[i % 2];
            try (Stream<SequencedEvent> stream = store().stream(query, options, mode)) {
                assertThat(stream.toList()).as(mode + ", " + what).isEqualTo(result.events());
            }
        }
    }
}
