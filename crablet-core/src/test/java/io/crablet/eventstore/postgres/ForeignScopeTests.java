package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The store in a scope that has no transaction on its data source: it is as if there were no scope. */
@ExtendWith(PostgresExtension.class)
class ForeignScopeTests {

    private static final List<Event> TEN =
            IntStream.range(0, 10).mapToObj(n -> Event.of("A", "{}")).toList();

    private final TestLog log;
    private final TransactionTemplate transactionOfAnother;

    ForeignScopeTests(TestDatabase database) {
        log = new TestLog(database);
        log.store().append(TEN);
        transactionOfAnother = new TransactionTemplate(new JdbcTransactionManager(database.dataSource()));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private HikariDataSource pool(boolean autoCommit) {
        HikariConfig config = log.poolConfig();
        config.setAutoCommit(autoCommit);
        return new HikariDataSource(config);
    }

    private PostgresEventStore store(HikariDataSource pool) {
        return PostgresEventStore.builder(pool).schema(log.schema()).pageSize(2).build();
    }

    private static TransactionTemplate without(HikariDataSource pool, int propagation) {
        TransactionTemplate template = new TransactionTemplate(new JdbcTransactionManager(pool));
        template.setPropagationBehavior(propagation);
        return template;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAppendInTheTransactionOfAnotherDataSourceIsThereForGood(boolean autoCommit) {
        try (HikariDataSource pool = pool(autoCommit)) {
            transactionOfAnother.executeWithoutResult(status -> {
                assertThat(store(pool).append(TEN).head()).isEqualTo(20);
                status.setRollbackOnly();
            });
            assertThat(log.store().head()).isEqualTo(20);
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAppendInAReadOnlyTransactionOfAnotherDataSourceIsThereForGood(boolean autoCommit) {
        transactionOfAnother.setReadOnly(true);
        try (HikariDataSource pool = pool(autoCommit)) {
            transactionOfAnother.executeWithoutResult(status -> {
                assertThat(store(pool).head()).isEqualTo(10);
                assertThat(store(pool).append(TEN).head()).isEqualTo(20);
            });
            assertThat(log.store().head()).isEqualTo(20);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cursorStreamsWorkInTheTransactionOfAnotherDataSource(boolean autoCommit) {
        try (HikariDataSource pool = pool(autoCommit)) {
            transactionOfAnother.executeWithoutResult(status -> {
                try (Stream<SequencedEvent> stream =
                        store(pool).stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
                    assertThat(stream).hasSize(10);
                }
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TransactionDefinition.PROPAGATION_SUPPORTS, TransactionDefinition.PROPAGATION_NOT_SUPPORTED})
    void aPagedStreamHoldsNothingBetweenPagesInAScopeWithoutATransaction(int propagation) {
        try (HikariDataSource pool = pool(true)) {
            without(pool, propagation).executeWithoutResult(status -> {
                Iterator<SequencedEvent> events =
                        store(pool).stream(Query.all()).iterator();
                events.next();
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {TransactionDefinition.PROPAGATION_SUPPORTS, TransactionDefinition.PROPAGATION_NOT_SUPPORTED})
    void aConnectionThatTheCallerUsesWithoutATransactionIsLeftAlone(int propagation) {
        try (HikariDataSource pool = pool(true)) {
            without(pool, propagation).executeWithoutResult(status -> {
                assertThat(new JdbcTemplate(pool).queryForObject("select 1", Integer.class))
                        .isEqualTo(1);
                try (Stream<SequencedEvent> stream =
                        store(pool).stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
                    Iterator<SequencedEvent> events = stream.iterator();
                    events.next();
                    assertThat(store(pool).append(TEN).head()).isEqualTo(20);
                }
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
            });
            assertThat(log.store().head()).isEqualTo(20);
        }
    }
}
