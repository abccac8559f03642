package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.EventStoreInterruptedException;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;

/** While somebody else has locked the log, queries that nobody waits for any more end on the server, too. */
@ExtendWith(PostgresExtension.class)
class CancellationTests {

    private static final Duration TIMEOUT = Duration.ofMillis(500);

    private final TestLog log;
    private Connection locker;

    CancellationTests(TestDatabase database) {
        log = new TestLog(database);
        log.store().append(List.of(Event.of("A", "{}")));
    }

    /** What can be waiting for the database. */
    enum Operation {
        READ(store -> store.read(Query.all())),
        PAGED_STREAM(store -> consume(store.stream(Query.all()))),
        CURSOR_STREAM(store -> consume(store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR))),
        PROJECTION(store -> store.project(Projector.of(Query.all(), 0, (count, event) -> count + 1))),
        HEAD(EventStore::head),
        APPEND(store -> store.append(List.of(Event.of("A", "{}"))));

        private final Consumer<EventStore> call;

        Operation(Consumer<EventStore> call) {
            this.call = call;
        }

        private static void consume(Stream<?> stream) {
            try (stream) {
                stream.forEach(event -> {});
            }
        }

        Background<Boolean> start(ThreadFactory threads, EventStore store) {
            return Background.start(threads, () -> {
                try {
                    call.accept(store);
                    return false;
                } catch (EventStoreInterruptedException e) {
                    assertThat(e).hasMessageContaining("interrupted");
                    return Thread.currentThread().isInterrupted();
                }
            });
        }
    }

    @BeforeEach
    void lockTheLog() throws SQLException {
        locker = log.connect();
        locker.setAutoCommit(false);
        try (Statement statement = locker.createStatement()) {
            statement.execute("lock table crablet_events in access exclusive mode");
        }
    }

    @AfterEach
    void unlockTheLogAndReadIt() throws SQLException {
        locker.close();
        log.backends().assertNothingHeld();
        assertThat(log.store().read(Query.all()).events()).hasSize(1);
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheQuery(Operation operation) {
        assertAnInterruptEndsTheQuery(operation, Thread::new);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptOfAVirtualThreadEndsTheQuery(Operation operation) throws ReflectiveOperationException {
        assumeTrue(VirtualThreads.exist(), "virtual threads need JDK 21");
        assertAnInterruptEndsTheQuery(operation, VirtualThreads.factory());
    }

    private void assertAnInterruptEndsTheQuery(Operation operation, ThreadFactory threads) {
        Background<Boolean> waiting = operation.start(threads, log.store());
        log.backends().awaitWaitingForLock(1);
        waiting.interrupt();
        log.backends().assertNoQueryRuns();
        assertThat(waiting.result())
                .as("it says so, and the interrupt flag is set")
                .isTrue();
        log.backends().assertNothingHeld();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "APPEND")
    void theReadTimeoutEndsTheQuery(Operation operation) {
        Instant start = Instant.now();
        Background<Boolean> waiting = operation.start(
                Thread::new, log.storeBuilder().readTimeout(TIMEOUT).build());
        assertThat(waiting.failure())
                .isInstanceOf(QueryTimeoutException.class)
                .hasMessageContaining(TIMEOUT.toString());
        assertThat(Duration.between(start, Instant.now())).isBetween(TIMEOUT, Duration.ofSeconds(20));
        log.backends().assertNoQueryRuns();
    }

    @ParameterizedTest
    @EnumSource
    void aTerminatedBackendIsAnErrorThatThePoolRecoversFrom(Operation operation) {
        Background<Boolean> waiting = operation.start(Thread::new, log.store());
        log.backends().awaitWaitingForLock(1);
        log.backends().terminateWaiting();
        assertThat(waiting.failure()).isInstanceOf(DataAccessException.class);
        log.backends().assertNothingHeld();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheWaitForAConnection(Operation operation) throws SQLException {
        HikariConfig config = log.poolConfig();
        config.setMaximumPoolSize(1);
        try (HikariDataSource onlyOne = new HikariDataSource(config);
                Connection taken = onlyOne.getConnection()) {
            PostgresEventStore store =
                    PostgresEventStore.builder(onlyOne).schema(log.schema()).build();
            Background<Boolean> waiting = operation.start(Thread::new, store);
            await().until(() -> onlyOne.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
            waiting.interrupt();
            assertThat(waiting.result())
                    .as("it says so, and the interrupt flag is set")
                    .isTrue();
            assertThat(taken.isValid(10)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThreadThatIsInterruptedAlreadyDoesNotWait(Operation operation) {
        AtomicBoolean interrupted = new AtomicBoolean();
        Background<Boolean> waiting = Background.start(Thread::new, () -> {
            Thread.currentThread().interrupt();
            try {
                operation.call.accept(log.store());
                return false;
            } catch (DataAccessException e) {
                interrupted.set(Thread.currentThread().isInterrupted());
                return true;
            }
        });
        assertThat(waiting.result()).isTrue();
        assertThat(interrupted).isTrue();
    }
}
