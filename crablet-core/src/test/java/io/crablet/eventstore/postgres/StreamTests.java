package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStoreInterruptedException;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/** However a consumer leaves a stream, its connection goes back, and no transaction stays open on the server. */
@ExtendWith(PostgresExtension.class)
class StreamTests {

    private static final int EVENTS = 100;

    private final TestDatabase database;
    private final TestLog log;
    private final PostgresEventStore store;

    StreamTests(TestDatabase database) {
        this.database = database;
        log = new TestLog(database);
        store = log.storeBuilder().pageSize(10).build();
        store.append(IntStream.rangeClosed(1, EVENTS)
                .mapToObj(n -> Event.of("A", Integer.toString(n)))
                .toList());
    }

    @AfterEach
    void nothingIsHeldAndTheStoreWorks() {
        log.backends().assertNothingHeld();
        assertThat(store.head()).isGreaterThanOrEqualTo(EVENTS);
        log.close();
    }

    private Stream<SequencedEvent> stream(StreamMode mode) {
        return store.stream(Query.all(), ReadOptions.defaults(), mode);
    }

    @SuppressWarnings("resource") // That nothing has to be closed is what is tested.
    @ParameterizedTest
    @EnumSource
    void oneReadToTheEndNeedsNoClose(StreamMode mode) {
        assertThat(stream(mode).count()).isEqualTo(EVENTS);
        log.backends().assertNoneBorrowed();
        stream(mode).forEachOrdered(event -> assertThat(event.event().type()).isEqualTo("A"));
        log.backends().assertNoneBorrowed();
        stream(mode).iterator().forEachRemaining(event -> {});
        log.backends().assertNoneBorrowed();
    }

    @ParameterizedTest
    @EnumSource
    void findFirstIsAllThatIsRead(StreamMode mode) {
        try (Stream<SequencedEvent> stream = stream(mode)) {
            assertThat(stream.findFirst()).map(SequencedEvent::position).contains(1L);
        }
        log.backends().assertNoneBorrowed();
    }

    @ParameterizedTest
    @EnumSource
    void aLimitIsAllThatIsRead(StreamMode mode) {
        try (Stream<SequencedEvent> stream = stream(mode)) {
            assertThat(stream.limit(15)).hasSize(15);
        }
        log.backends().assertNoneBorrowed();
    }

    @ParameterizedTest
    @EnumSource
    void aCloseInTheMiddleGivesItBack(StreamMode mode) {
        Stream<SequencedEvent> stream = stream(mode);
        Iterator<SequencedEvent> events = stream.iterator();
        for (int i = 1; i <= 25; i++) {
            assertThat(events.next().position()).isEqualTo(i);
        }
        stream.close();
        log.backends().assertNoneBorrowed();
        stream.close();
        log.backends().assertNothingHeld();
    }

    @ParameterizedTest
    @EnumSource
    void aCloseBeforeTheBeginningHasNothingToGiveBack(StreamMode mode) {
        stream(mode).close();
        log.backends().assertNoneBorrowed();
    }

    @SuppressWarnings("resource")
    @ParameterizedTest
    @EnumSource
    void anExceptionInTheConsumerNeedsNoClose(StreamMode mode) {
        IllegalStateException failure = new IllegalStateException("the consumer's own");
        assertThatThrownBy(() -> stream(mode).forEach(event -> throwAt(25, event, failure)))
                .isSameAs(failure);
        log.backends().assertNoneBorrowed();
    }

    @SuppressWarnings("resource")
    @ParameterizedTest
    @EnumSource
    void anErrorInTheConsumerNeedsNoClose(StreamMode mode) {
        StackOverflowError failure = new StackOverflowError("the consumer's own");
        assertThatThrownBy(() ->
                        stream(mode).peek(event -> throwAt(25, event, failure)).toList())
                .isSameAs(failure);
        log.backends().assertNoneBorrowed();
    }

    private static void throwAt(long position, SequencedEvent event, Throwable failure) {
        if (event.position() == position) {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        }
    }

    @SuppressWarnings("resource")
    @ParameterizedTest
    @EnumSource
    void anExceptionInAProjectorNeedsNoClose(StreamMode mode) {
        IllegalStateException failure = new IllegalStateException("the projector's own");
        Projector<Integer> projector = Projector.of(Query.all(), 0, (state, event) -> {
            throwAt(25, event, failure);
            return state;
        });
        assertThatThrownBy(() -> store.projectStream(List.of(projector), ReadOptions.defaults(), mode)
                        .count())
                .isSameAs(failure);
        log.backends().assertNoneBorrowed();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptBetweenEventsEndsIt(StreamMode mode) {
        List<Long> seen = new ArrayList<>();
        Background<Boolean> consumer = Background.start(() -> {
            assertThatExceptionOfType(EventStoreInterruptedException.class)
                    .isThrownBy(() -> {
                        try (Stream<SequencedEvent> stream = stream(mode)) {
                            stream.forEach(event -> {
                                seen.add(event.position());
                                if (event.position() == 5) {
                                    Thread.currentThread().interrupt();
                                }
                            });
                        }
                    })
                    .withMessageContaining("interrupted");
            return Thread.currentThread().isInterrupted();
        });
        assertThat(consumer.result()).as("interrupt flag afterwards").isTrue();
        assertThat(seen).hasSizeBetween(5, 10);
    }

    @ParameterizedTest
    @EnumSource
    void aDatabaseThatIsGoneEndsIt(StreamMode mode) {
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> {
            try (Stream<SequencedEvent> stream = stream(mode)) {
                stream.forEach(event -> {
                    // After each page: HikariCP replaces what has not been used for half a second before it lends it.
                    if (event.position() % 10 == 0) {
                        log.backends().terminate();
                    }
                });
            }
        });
        log.backends().assertNothingHeld();
        await().ignoreExceptionsInstanceOf(DataAccessException.class)
                .untilAsserted(() -> assertThat(store.head()).isEqualTo(EVENTS));
    }

    @SuppressWarnings("resource")
    @Test
    void aPagedStreamHoldsNothingBetweenEvents() {
        Iterator<SequencedEvent> neverClosed = stream(StreamMode.PAGED).iterator();
        for (int i = 1; i <= EVENTS; i++) {
            log.backends().assertNoneBorrowed();
            assertThat(neverClosed.next().position()).isEqualTo(i);
        }
        stream(StreamMode.PAGED).iterator().next();
        log.backends().assertNothingHeld();
    }

    @Test
    void aCursorStreamHoldsOneConnectionUntilItsLastEvent() {
        try (Stream<SequencedEvent> stream = stream(StreamMode.CURSOR)) {
            log.backends().assertNoneBorrowed();
            stream.forEach(event -> log.backends().assertBorrowed(1));
            log.backends().assertNoneBorrowed();
        }
    }

    @Test
    void aCursorStreamFetchesPageByPage() {
        try (Stream<SequencedEvent> stream = stream(StreamMode.CURSOR)) {
            stream.iterator().next();
            assertThat(log.queryForLong("""
                            select count(*) from pg_stat_activity
                            where usename = '%s' and state = 'idle in transaction' and query like '%%crablet_events%%'
                            """.formatted(log.role()))).isEqualTo(1);
        }
    }

    @Test
    void aCursorStreamFailsWhereTheDriverWouldLoadEverything() {
        try (TestLog simple = new TestLog(database, "?preferQueryMode=simple")) {
            PostgresEventStore simpleStore = simple.store();
            simpleStore.append(List.of(Event.of("A", "{}")));
            assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
                    .isThrownBy(() -> {
                        try (Stream<SequencedEvent> stream =
                                simpleStore.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
                            stream.findFirst();
                        }
                    })
                    .withMessageContaining("preferQueryMode=simple");
            simple.backends().assertNothingHeld();
            try (Stream<SequencedEvent> paged = simpleStore.stream(Query.all())) {
                assertThat(paged).hasSize(1);
            }
        }
    }
}
