package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The store inside transactions of its caller, on a pool of one connection: what asks for a second one fails. */
@ExtendWith(PostgresExtension.class)
class SpringTransactionTests {

    private static final Tag C1 = Tag.of("course", "c1");
    private static final Query ON_C1 = Query.ofTags(C1);
    private static final Event DEFINED = Event.of("Defined", "{}", C1);
    private static final AppendCondition NO_C1 = AppendCondition.failIfEventsMatch(ON_C1);

    private final TestLog log;
    private final HikariDataSource onlyOne;
    private final PostgresEventStore store;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    SpringTransactionTests(TestDatabase database) {
        log = new TestLog(database);
        log.execute("create table notes (note text)", "grant all on notes to " + log.role());
        HikariConfig config = log.poolConfig();
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(10_000);
        onlyOne = new HikariDataSource(config);
        store = PostgresEventStore.builder(onlyOne)
                .schema(log.schema())
                .pageSize(2)
                .build();
        jdbc = new JdbcTemplate(onlyOne);
        transaction = new TransactionTemplate(new JdbcTransactionManager(onlyOne));
    }

    @AfterEach
    void nothingIsHeld() {
        new Backends(log, onlyOne).assertNothingHeld();
        onlyOne.close();
        log.close();
    }

    private void note(String text) {
        jdbc.update("insert into " + log.schema() + ".notes values (?)", text);
    }

    private long notes() {
        return log.queryForLong("select count(*) from notes");
    }

    private AppendResult append(Event... events) {
        return store.append(List.of(events));
    }

    @Test
    void eventsCommitWithTheCallersRows() {
        AppendResult result = transaction.execute(status -> {
            note("before");
            AppendResult appended = append(DEFINED, DEFINED);
            note("after");
            assertThat(log.queryForLong("select count(*) from crablet_events")).isZero();
            return appended;
        });
        assertThat(result).isEqualTo(new AppendResult(1, 2));
        assertThat(store.head()).isEqualTo(2);
        assertThat(notes()).isEqualTo(2);
    }

    @Test
    void eventsRollBackWithTheCallersRows() {
        assertThatIllegalStateException()
                .isThrownBy(() -> transaction.executeWithoutResult(status -> {
                    note("before");
                    append(DEFINED);
                    throw new IllegalStateException("the caller's own");
                }));
        assertThat(store.head()).isZero();
        assertThat(notes()).isZero();
    }

    @Test
    void everyOperationSeesTheTransactionsOwnAppendsOnItsOneConnection() {
        append(Event.of("Before", "{}"));
        Projector<Integer> count = Projector.of(ON_C1, 0, (n, event) -> n + 1);
        transaction.executeWithoutResult(status -> {
            note("before");
            append(DEFINED, DEFINED, DEFINED);
            assertThat(store.head()).isEqualTo(4);
            assertThat(store.read(ON_C1).events()).hasSize(3);
            for (StreamMode mode : StreamMode.values()) {
                try (Stream<?> stream = store.stream(ON_C1, ReadOptions.defaults(), mode)) {
                    assertThat(stream).hasSize(3);
                }
                try (Stream<?> stream = store.projectStream(List.of(count), ReadOptions.defaults(), mode)) {
                    assertThat(stream.findFirst()).isPresent();
                }
            }
            assertThat(store.project(count).state(count)).isEqualTo(3);
            assertThat(append(DEFINED)).isEqualTo(new AppendResult(5, 5));
            assertThat(onlyOne.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
            status.setRollbackOnly();
        });
        assertThat(store.head()).isEqualTo(1);
        assertThat(notes()).isZero();
    }

    @Test
    void itsOwnAppendsViolateItsConditions() {
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> transaction.execute(status -> {
                    append(DEFINED);
                    return store.append(List.of(DEFINED), NO_C1);
                }));
        assertThat(store.head()).isZero();
    }

    @Test
    void aRefusalLeavesTheTransactionUsable() {
        append(DEFINED);
        transaction.executeWithoutResult(status -> {
            note("before");
            assertThatExceptionOfType(AppendConditionFailedException.class)
                    .isThrownBy(() -> store.append(List.of(DEFINED), NO_C1));
            append(Event.of("Refused", "{}"));
        });
        assertThat(store.head()).isEqualTo(2);
        assertThat(notes()).isEqualTo(1);
    }

    @Test
    void aTransactionAwareProxyIsTheSameDataSource() {
        PostgresEventStore onProxy = PostgresEventStore.builder(new TransactionAwareDataSourceProxy(onlyOne))
                .schema(log.schema())
                .build();
        transaction.executeWithoutResult(status -> {
            onProxy.append(List.of(DEFINED));
            assertThat(onProxy.head()).isEqualTo(1);
            status.setRollbackOnly();
        });
        assertThat(onProxy.head()).isZero();
        assertThat(onProxy.append(List.of(DEFINED))).isEqualTo(new AppendResult(1, 1));
    }

    @Test
    void aNestedTransactionRollsBackByItself() {
        TransactionTemplate nested = new TransactionTemplate(transaction.getTransactionManager());
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        AppendResult result = transaction.execute(outer -> {
            append(DEFINED);
            nested.executeWithoutResult(inner -> {
                append(DEFINED, DEFINED);
                inner.setRollbackOnly();
            });
            return append(DEFINED);
        });
        assertThat(result).isEqualTo(new AppendResult(2, 2));
        assertThat(store.head()).isEqualTo(2);
    }

    @Test
    void aReadOnlyTransactionReadsButDoesNotAppend() {
        append(DEFINED);
        transaction.setReadOnly(true);
        assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
                .isThrownBy(() -> transaction.execute(status -> {
                    assertThat(store.read(ON_C1).events()).hasSize(1);
                    for (StreamMode mode : StreamMode.values()) {
                        try (Stream<?> stream = store.stream(ON_C1, ReadOptions.defaults(), mode)) {
                            assertThat(stream).hasSize(1);
                        }
                    }
                    return append(DEFINED);
                }))
                .withMessageContaining("read-only");
        assertThat(store.head()).isEqualTo(1);
        assertThat(onlyOne.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    @Test
    void aConnectionThatIsReadOnlyForAnotherReasonSaysSoToo() {
        assertThatExceptionOfType(DataAccessResourceFailureException.class)
                .isThrownBy(() -> transaction.execute(status -> {
                    jdbc.execute("set transaction read only");
                    return append(DEFINED);
                }))
                .withMessageContaining("read-only");
    }

    @Test
    void aCursorStreamLeavesTheTransactionOpen() {
        append(DEFINED, DEFINED, DEFINED, DEFINED);
        transaction.executeWithoutResult(status -> {
            note("before");
            try (Stream<?> stream = store.stream(ON_C1, ReadOptions.defaults(), StreamMode.CURSOR)) {
                assertThat(stream.findFirst()).isPresent();
            }
            note("after");
        });
        assertThat(notes()).isEqualTo(2);
    }

    @Test
    void theSessionIsAsItWasBefore() {
        String settings = "select string_agg(name || '=' || setting, ', ' order by name) from pg_settings"
                + " where source in ('session', 'client') and name not like 'transaction%'";
        transaction.executeWithoutResult(status -> {
            jdbc.execute("set local lock_timeout = 1234");
            String before = jdbc.queryForObject(settings, String.class);
            append(DEFINED);
            assertThatExceptionOfType(AppendConditionFailedException.class)
                    .isThrownBy(() -> store.append(List.of(DEFINED), NO_C1));
            assertThat(jdbc.queryForObject(settings, String.class)).isEqualTo(before);
        });
        String before = jdbc.queryForObject(settings, String.class);
        append(DEFINED);
        try (Stream<?> stream = store.stream(ON_C1, ReadOptions.defaults(), StreamMode.CURSOR)) {
            assertThat(stream).hasSize(2);
        }
        assertThat(jdbc.queryForObject(settings, String.class)).isEqualTo(before);
        assertThat(jdbc.queryForObject("show transaction_read_only", String.class))
                .isEqualTo("off");
    }

    @ParameterizedTest
    @EnumSource
    void theServerDoesNotCompileTheQueryOfAStream(StreamMode mode) {
        append(DEFINED);
        transaction.executeWithoutResult(status -> {
            jdbc.execute("set local jit = on");
            try (Stream<SequencedEvent> stream = store.stream(ON_C1, ReadOptions.defaults(), mode)) {
                assertThat(stream).hasSize(1);
            }
            assertThat(jdbc.queryForObject("show jit", String.class)).isEqualTo("off");
        });
    }
}
