package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataAccessException;

/** What a store can be told when it is built. */
@ExtendWith(PostgresExtension.class)
class StoreSettingsTests {

    private static final Event EVENT = Event.of("A", "{}");

    private final TestLog log;

    StoreSettingsTests(TestDatabase database) {
        log = new TestLog(database);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    @Test
    void theLimitsCanBeSet() {
        PostgresEventStore store =
                log.storeBuilder().maxBatchEvents(2).maxEventBytes(10).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.append(List.of(EVENT, EVENT, EVENT)))
                .withMessageContainingAll("3", "2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.append(List.of(EVENT, Event.of("A", "123456789"))))
                .withMessageContainingAll("11", "10");
        assertThat(store.append(List.of(EVENT, Event.of("A", "12345678"))).head())
                .isEqualTo(2);
    }

    @Test
    void theBytesOfAllEventsOfAnAppendAreLimited() {
        PostgresEventStore store = log.storeBuilder().maxBatchBytes(10).build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.append(List.of(EVENT, EVENT, EVENT)))
                .withMessageContainingAll("12 bytes", "limit is 10");
        assertThat(store.append(List.of(EVENT, EVENT)).head()).isEqualTo(2);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        PostgresEventStore.Builder builder = log.storeBuilder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.pageSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxBatchEvents(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxEventBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxBatchBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.readTimeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.appendTimeout(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.schema("").build());
    }

    @Test
    void aListenerIsToldOfEachQueryWhileNothingIsBorrowed() {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        PostgresEventStore store = log.storeBuilder()
                .pageSize(2)
                .listener(new EventStoreListener() {
                    @Override
                    public void readStarted(Query query) {
                        log.backends().assertNoneBorrowed();
                        calls.add("started");
                    }

                    @Override
                    public void readFinished(Query query) {
                        log.backends().assertNoneBorrowed();
                        calls.add("finished");
                    }
                })
                .build();
        store.append(List.of(EVENT, EVENT, EVENT));
        assertThat(calls).isEmpty();
        store.read(Query.all());
        assertThat(calls).containsExactly("started", "finished");
        try (Stream<?> stream = store.stream(Query.all())) {
            assertThat(stream).hasSize(3);
        }
        assertThat(calls).containsExactlyElementsOf(repeat(3));
        try (Stream<?> stream = store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
            assertThat(stream.findFirst()).isPresent();
        }
        assertThat(calls).containsExactlyElementsOf(repeat(4));
    }

    @Test
    void aListenerIsToldOfTheEndOfAQueryThatGotNoConnection() {
        List<String> calls = new ArrayList<>();
        PostgresEventStore store = log.storeBuilder()
                .listener(new EventStoreListener() {
                    @Override
                    public void readStarted(Query query) {
                        calls.add("started");
                    }

                    @Override
                    public void readFinished(Query query) {
                        calls.add("finished");
                    }
                })
                .build();
        log.pool().close();
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> store.read(Query.all()));
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<?> stream = store.stream(Query.all(), ReadOptions.defaults(), mode)) {
                assertThatExceptionOfType(DataAccessException.class).isThrownBy(stream::toList);
            }
        }
        assertThat(calls).containsExactlyElementsOf(repeat(3));
    }

    private static List<String> repeat(int times) {
        return Stream.generate(() -> List.of("started", "finished"))
                .limit(times)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        PostgresEventStore store = log.storeBuilder()
                .listener(new EventStoreListener() {
                    @Override
                    public void readStarted(Query query) {
                        throw new IllegalStateException("the listener's own");
                    }

                    @Override
                    public void readFinished(Query query) {
                        throw new IllegalStateException("the listener's own");
                    }
                })
                .build();
        store.append(List.of(EVENT));
        assertThat(store.read(Query.all()).events()).hasSize(1);
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<?> stream = store.stream(Query.all(), ReadOptions.defaults(), mode)) {
                assertThat(stream).hasSize(1);
            }
        }
        log.backends().assertNothingHeld();
    }
}
