package io.crablet.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** What each part of the contract is written on: a store, and short words for what its tests do again and again. */
interface EventStoreContract {

    Tag C1 = Tag.of("course", "c1");
    Tag C2 = Tag.of("course", "c2");
    Tag S1 = Tag.of("student", "s1");
    Tag S2 = Tag.of("student", "s2");

    /** Returns the store under test, whose log was empty before the test. */
    EventStore store();

    static Event event(String type, Tag... tags) {
        return Event.of(type, "{}", tags);
    }

    /** Returns as many events, each with its number, from 1, as data. */
    static List<Event> numbered(int count) {
        return LongStream.rangeClosed(1, count)
                .mapToObj(n -> Event.of("Numbered", Long.toString(n)))
                .toList();
    }

    default AppendResult append(Event... events) {
        return store().append(List.of(events));
    }

    /** Appends, each with an append of its own. */
    default void appendOneByOne(Event... events) {
        Arrays.stream(events).forEach(this::append);
    }

    default List<SequencedEvent> log() {
        return store().read(Query.all()).events();
    }

    default List<Long> positions(Query query) {
        return positionsOf(store().read(query).events());
    }

    static List<Long> positionsOf(List<SequencedEvent> events) {
        return events.stream().map(SequencedEvent::position).toList();
    }

    static List<Event> eventsOf(List<SequencedEvent> events) {
        return events.stream().map(SequencedEvent::event).toList();
    }

    default void assertNothingWritten() {
        assertThat(store().head()).isZero();
        assertThat(log()).isEmpty();
        assertThat(append(event("First after all"))).isEqualTo(new AppendResult(1, 1));
    }
}
