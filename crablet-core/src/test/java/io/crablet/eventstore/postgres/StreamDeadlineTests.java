package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A consumer that is slow: a paged stream bears it, a cursor stream holds its connection no longer than told. */
@ExtendWith(PostgresExtension.class)
class StreamDeadlineTests {

    private static final Duration TIMEOUT = Duration.ofMillis(400);

    private final TestLog log;
    private final PostgresEventStore store;

    StreamDeadlineTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.storeBuilder().pageSize(10).readTimeout(TIMEOUT).build();
        store.append(IntStream.rangeClosed(1, 100)
                .mapToObj(n -> Event.of("A", Integer.toString(n)))
                .toList());
    }

    @AfterEach
    void nothingIsHeldAndTheStoreWorks() {
        log.backends().assertNothingHeld();
        assertThat(store.head()).isEqualTo(100);
        log.close();
    }

    private static void beSlow() {
        beSlow(Duration.ofMillis(150));
    }

    private static void beSlow(Duration time) {
        await().pollDelay(time).until(() -> true);
    }

    @Test
    void aPagedStreamHasAllTheTimeItsConsumerNeeds() {
        try (Stream<SequencedEvent> stream = store.stream(Query.all(), ReadOptions.defaults())) {
            assertThat(stream.peek(event -> {
                                if (event.position() % 10 == 0) {
                                    beSlow();
                                }
                            })
                            .map(SequencedEvent::position))
                    .hasSize(100);
        }
    }

    @Test
    void aCursorStreamOfASlowConsumerEnds() {
        List<Long> seen = new ArrayList<>();
        assertThatExceptionOfType(QueryTimeoutException.class)
                .isThrownBy(() -> {
                    try (Stream<SequencedEvent> stream =
                            store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
                        stream.forEach(event -> {
                            seen.add(event.position());
                            beSlow(Duration.ofMillis(500));
                        });
                    }
                })
                .withMessageContaining(TIMEOUT.toString());
        assertThat(seen).hasSizeLessThan(10);
    }

    @Test
    void theCallsOwnTimeoutCounts() {
        ReadOptions longer = ReadOptions.defaults().withTimeout(Duration.ofSeconds(20));
        try (Stream<SequencedEvent> stream = store.stream(Query.all(), longer, StreamMode.CURSOR)) {
            assertThat(stream.limit(5).peek(event -> beSlow()).map(SequencedEvent::position))
                    .hasSize(5);
        }
    }

    @SuppressWarnings("resource") // That it is not closed is what is tested.
    @Test
    void aCursorStreamThatNobodyReadsAnyMoreEnds() {
        ReadOptions longer = ReadOptions.defaults().withTimeout(Duration.ofSeconds(3));
        Iterator<SequencedEvent> forgotten =
                store.stream(Query.all(), longer, StreamMode.CURSOR).iterator();
        forgotten.next();
        log.backends().assertBorrowed(1);
        log.backends().assertNothingHeld();
        assertThatExceptionOfType(QueryTimeoutException.class).isThrownBy(() -> forgotten.forEachRemaining(e -> {}));
    }

    @Test
    void aCursorStreamInATransactionEndsTooAndItsTransactionCanBeRolledBack() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        assertThatExceptionOfType(QueryTimeoutException.class)
                .isThrownBy(() -> transaction.executeWithoutResult(status -> {
                    try (Stream<SequencedEvent> stream =
                            store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
                        stream.forEach(event -> beSlow());
                    }
                }));
    }
}
