package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.TcpForwarder;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What ends work on the server ends all of it, and nothing else. */
@ExtendWith(PostgresExtension.class)
class QueryGuardTests {

    private static final Duration SHORT = Duration.ofMillis(300);

    private final TestLog log;

    QueryGuardTests(TestDatabase database) {
        log = new TestLog(database);
        log.store()
                .append(IntStream.range(0, 100)
                        .mapToObj(n -> Event.of("A", "{}"))
                        .toList());
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    @Test
    void workThatCannotBeEndedDoesNotKeepTheGuardFromTheRest() throws SQLException {
        QueryGuard guard = new QueryGuard();
        AtomicBoolean ended = new AtomicBoolean();
        try (Connection connection = log.pool().getConnection()) {
            Watched broken = new Watched(connection, Duration.ofMinutes(1)) {
                @Override
                boolean isAwaited() {
                    return true;
                }

                @Override
                boolean isInterrupted() {
                    throw new OutOfMemoryError("on purpose");
                }

                @Override
                void end() {}
            };
            Watched other = new Watched(connection, SHORT) {
                @Override
                boolean isAwaited() {
                    return false;
                }

                @Override
                boolean isInterrupted() {
                    return false;
                }

                @Override
                void end() {
                    ended.set(true);
                }
            };
            guard.watch(broken);
            guard.watch(other);
            Awaitility.await().untilTrue(ended);
            guard.release(broken);
            guard.release(other);
        }
    }

    @Test
    void theTimeoutOfACursorStreamLeavesTheCallersOwnStatementsAlone() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        JdbcTemplate jdbc = new JdbcTemplate(log.pool());
        PostgresEventStore store =
                log.storeBuilder().readTimeout(Duration.ofSeconds(2)).build();
        Integer answer = transaction.execute(status -> {
            Iterator<SequencedEvent> events = store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)
                    .iterator();
            events.next();
            return jdbc.queryForObject("select 42 from pg_sleep(4)", Integer.class);
        });
        assertThat(answer).isEqualTo(42);
        log.backends().assertNothingHeld();
    }

    @Test
    void theTimeoutOfTheTransactionCountsIfItIsShorter() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        transaction.setTimeout(3);
        try (Connection owner = log.connect()) {
            owner.setAutoCommit(false);
            owner.createStatement().execute("lock table crablet_events in access exclusive mode");
            long start = System.nanoTime();
            assertThatExceptionOfType(QueryTimeoutException.class)
                    .isThrownBy(() -> transaction.execute(status -> log.store().head()));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
            owner.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTimeoutThatNoClockCanHoldIsRefusedBeforeAnythingIsBorrowed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadOptions.defaults().withTimeout(Duration.ofMillis(Long.MAX_VALUE)))
                .withMessageContaining("timeout");
        ReadOptions longest = ReadOptions.defaults().withTimeout(Duration.ofMillis(Integer.MAX_VALUE));
        try (Stream<SequencedEvent> stream = log.store().stream(Query.all(), longest, StreamMode.CURSOR)) {
            assertThat(stream).hasSize(100);
        }
        log.backends().assertNothingHeld();
    }

    @Test
    void aNetworkThatIsSilentHoldsNeitherTheConnectionNorTheConsumer() throws IOException {
        try (TcpForwarder network = new TcpForwarder("localhost", port());
                HikariDataSource pool = new HikariDataSource(through(network))) {
            PostgresEventStore store = PostgresEventStore.builder(pool)
                    .schema(log.schema())
                    .readTimeout(Duration.ofSeconds(3))
                    .build();
            Iterator<SequencedEvent> events = store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)
                    .iterator();
            events.next();
            network.silence();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
            assertThatExceptionOfType(QueryTimeoutException.class).isThrownBy(events::next);
        }
    }

    private HikariConfig through(TcpForwarder network) {
        HikariConfig config = log.poolConfig();
        config.setJdbcUrl(config.getJdbcUrl().replace(":" + port() + "/", ":" + network.port() + "/"));
        config.setMaximumPoolSize(1);
        return config;
    }

    private int port() {
        return log.database().server().port();
    }

    @Test
    void largeEventsPassThroughPagesAndCursorsOfFewEvents() {
        String large = "\"" + "x".repeat(900_000) + "\"";
        PostgresEventStore store = log.store();
        for (int i = 0; i < 12; i++) {
            store.append(List.of(Event.of("Large", large)));
        }
        for (StreamMode mode : StreamMode.values()) {
            for (ReadOptions options :
                    List.of(ReadOptions.defaults(), ReadOptions.defaults().withBackwards())) {
                try (Stream<SequencedEvent> stream = store.stream(Query.ofTypes("Large", "A"), options, mode)) {
                    assertThat(stream.map(SequencedEvent::position).sorted())
                            .as("%s %s", mode, options)
                            .containsExactlyElementsOf(IntStream.rangeClosed(1, 112)
                                    .mapToObj(Long::valueOf)
                                    .toList());
                }
            }
        }
    }
}
