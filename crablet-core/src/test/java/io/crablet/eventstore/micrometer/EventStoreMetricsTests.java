package io.crablet.eventstore.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(PostgresExtension.class)
class EventStoreMetricsTests {

    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private static final List<Event> TWO = List.of(Event.of("A", "{}"), Event.of("A", "{}"));

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EventStoreMetrics metrics = new EventStoreMetrics(registry);
    private final CountedDataSource dataSource;
    private final PostgresEventStore store;
    private final String schema;

    EventStoreMetricsTests(TestDatabase database) {
        schema = "metrics_" + SCHEMAS.incrementAndGet();
        new PostgresSchema(database.dataSource(), schema).initialize();
        dataSource = new CountedDataSource(database);
        store = PostgresEventStore.builder(dataSource)
                .schema(schema)
                .pageSize(2)
                .listener(metrics)
                .build();
    }

    private static final class CountedDataSource extends DelegatingDataSource {

        private volatile int borrows;
        private boolean refuses;

        CountedDataSource(TestDatabase database) {
            super(database.dataSource());
        }

        @Override
        public Connection getConnection() throws SQLException {
            borrows++;
            if (refuses) {
                throw new SQLException("none left", "08001");
            }
            return super.getConnection();
        }
    }

    private long appends(String outcome) {
        return registry.get(EventStoreMetrics.APPEND)
                .tag(EventStoreMetrics.OUTCOME, outcome)
                .timer()
                .count();
    }

    private double counted(String counter) {
        return registry.get(counter).counter().count();
    }

    private double gauged(String gauge) {
        return registry.get(gauge).gauge().value();
    }

    @Test
    void allAreThereBeforeTheStoreHasDoneAnything() {
        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsOnly(
                        "crablet.events.append",
                        "crablet.events.append.batch",
                        "crablet.events.append.queued",
                        "crablet.events.appended",
                        "crablet.events.conflicts",
                        "crablet.events.read",
                        "crablet.events.streams.open",
                        "crablet.events.head");
        assertThat(registry.getMeters()).hasSize(10).allSatisfy(meter -> {
            assertThat(meter.getId().getDescription()).isNotBlank();
            assertThat(meter.measure())
                    .allSatisfy(each -> assertThat(each.getValue()).isZero());
        });
    }

    @Test
    void whatWaitsBehindTheAppendThatWasSentIsCounted() {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        CompletableFuture<Void> waiting = new CompletableFuture<>();
        new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult(status -> {
            store.append(TWO);
            sent.completeAsync(this::append, EventStoreMetricsTests::start);
            await().until(() -> dataSource.borrows == 2 && gauged(EventStoreMetrics.APPEND_QUEUED) == 0);
            waiting.completeAsync(this::append, EventStoreMetricsTests::start);
            await().until(() -> gauged(EventStoreMetrics.APPEND_QUEUED) == 1);
        });
        assertThat(CompletableFuture.allOf(sent, waiting)).succeedsWithin(10, TimeUnit.SECONDS);
        assertThat(gauged(EventStoreMetrics.APPEND_QUEUED)).isZero();
    }

    private static void start(Runnable task) {
        new Thread(task).start();
    }

    private @Nullable Void append() {
        store.append(TWO);
        return null;
    }

    @Test
    void appendsAreCountedByTheirOutcome() {
        store.append(TWO);
        store.append(TWO);
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> store.append(TWO, AppendCondition.failIfEventsMatch(Query.all())));
        dataSource.refuses = true;
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> store.append(TWO));

        assertThat(appends("appended")).isEqualTo(2);
        assertThat(appends("condition_failed")).isEqualTo(1);
        assertThat(appends("error")).isEqualTo(1);
        assertThat(registry.get(EventStoreMetrics.APPEND).timers())
                .allSatisfy(timer ->
                        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isPositive());
        assertThat(counted(EventStoreMetrics.APPENDED)).isEqualTo(4);
        assertThat(counted(EventStoreMetrics.CONFLICTS)).isEqualTo(1);
        assertThat(registry.get(EventStoreMetrics.APPEND_BATCH).summary().count())
                .isEqualTo(3);
        assertThat(registry.get(EventStoreMetrics.APPEND_BATCH).summary().totalAmount())
                .isEqualTo(3);
        assertThat(gauged(EventStoreMetrics.HEAD)).isEqualTo(4);
    }

    @Test
    void eventsThatAreRolledBackAreNotCounted() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        transaction.executeWithoutResult(status -> {
            store.append(TWO);
            store.read(Query.all());
            status.setRollbackOnly();
        });
        assertThat(appends("appended")).isEqualTo(1);
        assertThat(counted(EventStoreMetrics.APPENDED)).isZero();
        assertThat(gauged(EventStoreMetrics.HEAD)).isZero();

        transaction.executeWithoutResult(status -> store.append(TWO));
        assertThat(counted(EventStoreMetrics.APPENDED)).isEqualTo(2);
        assertThat(gauged(EventStoreMetrics.HEAD)).isEqualTo(2);
    }

    /** An instance that reads in transactions alone would seem to stand still. */
    @Test
    void theHeadThatATransactionHasReadIsSeenWhenItCommits() {
        store.append(TWO);
        SimpleMeterRegistry readers = new SimpleMeterRegistry();
        PostgresEventStore reader = PostgresEventStore.builder(dataSource)
                .schema(schema)
                .listener(new EventStoreMetrics(readers))
                .build();
        Gauge head = readers.get(EventStoreMetrics.HEAD).gauge();
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        TransactionTemplate another = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        another.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        TransactionTemplate nested = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        transaction.executeWithoutResult(status -> {
            reader.read(Query.all());
            nested.executeWithoutResult(inner -> {
                reader.append(TWO);
                reader.read(Query.all());
                inner.setRollbackOnly();
            });
        });
        assertThat(head.value()).isZero();

        transaction.executeWithoutResult(status -> {
            reader.head();
            assertThat(head.value()).isZero();
            another.executeWithoutResult(inner -> {
                store.append(TWO);
                reader.read(Query.all());
            });
            assertThat(head.value()).isEqualTo(4);
            store.append(TWO);
            reader.read(Query.all());
            reader.read(Query.all());
            assertThat(head.value()).isEqualTo(4);
        });
        assertThat(head.value()).isEqualTo(6);
    }

    @Test
    void readsAndPagesAreTimed() {
        store.append(TWO);
        store.append(TWO);
        store.read(Query.all());
        try (Stream<SequencedEvent> stream = store.stream(Query.all())) {
            assertThat(stream).hasSize(4);
        }
        assertThat(registry.get(EventStoreMetrics.READ).timer().count()).isEqualTo(4);
        assertThat(registry.get(EventStoreMetrics.READ).timer().totalTime(TimeUnit.NANOSECONDS))
                .isPositive();
    }

    @Test
    void onlyCursorStreamsCountAsOpen() {
        store.append(TWO);
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<SequencedEvent> stream = store.stream(Query.all(), ReadOptions.defaults(), mode)) {
                assertThat(gauged(EventStoreMetrics.STREAMS_OPEN)).isZero();
                stream.iterator().next();
                assertThat(gauged(EventStoreMetrics.STREAMS_OPEN)).isEqualTo(mode == StreamMode.CURSOR ? 1 : 0);
            }
            assertThat(gauged(EventStoreMetrics.STREAMS_OPEN)).isZero();
        }
        assertThat(registry.get(EventStoreMetrics.READ).timer().count()).isEqualTo(1);
    }

    @Test
    void oneThatGetsNoConnectionIsNotOpen() {
        dataSource.refuses = true;
        try (Stream<SequencedEvent> stream = store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
            assertThatExceptionOfType(DataAccessException.class).isThrownBy(stream::toList);
        }
        assertThat(gauged(EventStoreMetrics.STREAMS_OPEN)).isZero();
    }

    @Test
    void toLookAtThemAsksTheDatabaseNothing() {
        store.append(TWO);
        int before = dataSource.borrows;
        registry.getMeters().forEach(Meter::measure);
        assertThat(dataSource.borrows).isEqualTo(before);
    }

    @Test
    void theHeadNeverGoesBack() {
        store.append(TWO);
        metrics.headSeen(1);
        assertThat(gauged(EventStoreMetrics.HEAD)).isEqualTo(2);
    }
}
