package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Race;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.ReplayOracle;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/** The store's own transactions are right on pools whose connections are not what it would have chosen. */
@ExtendWith(PostgresExtension.class)
class PoolSettingsTests {

    private static final Query ON_C1 = Query.ofTags(Tag.of("course", "c1"));

    private final TestLog log;

    PoolSettingsTests(TestDatabase database) {
        log = new TestLog(database);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private void withPool(Consumer<HikariConfig> settings, Consumer<PostgresEventStore> test) {
        HikariConfig config = log.poolConfig();
        settings.accept(config);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            test.accept(PostgresEventStore.builder(pool)
                    .schema(log.schema())
                    .pageSize(3)
                    .build());
            new Backends(log, pool).assertNothingHeld();
        }
    }

    @Test
    void withoutAutoCommitTheStoreCommits() {
        withPool(config -> config.setAutoCommit(false), PoolSettingsTests::assertConcurrentAppendsAndReadsWork);
        assertThat(log.store().head()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE"})
    void anIsolationLevelMadeForOthersIsNoHindrance(String isolation) {
        withPool(
                config -> config.setTransactionIsolation(isolation),
                PoolSettingsTests::assertConcurrentAppendsAndReadsWork);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE"})
    void norIsItWithoutAutoCommit(String isolation) {
        withPool(
                config -> {
                    config.setAutoCommit(false);
                    config.setTransactionIsolation(isolation);
                },
                PoolSettingsTests::assertConcurrentAppendsAndReadsWork);
    }

    /** Nobody is told to retry a transaction that is not theirs. */
    private static void assertConcurrentAppendsAndReadsWork(PostgresEventStore store) {
        List<Callable<List<Attempt>>> writers = IntStream.range(0, 4)
                .<Callable<List<Attempt>>>mapToObj(writer -> () -> {
                    List<Attempt> attempts = new ArrayList<>();
                    for (int i = 0; i < 25; i++) {
                        Event event = Event.of("A", Integer.toString(i), List.of(Tag.of("course", "c1")));
                        AppendCondition condition = AppendCondition.failIfEventsMatch(ON_C1)
                                .after(store.read(ON_C1).head());
                        attempts.add(new Attempt.Request(List.of(event), i % 2 == 0 ? condition : null).send(store));
                    }
                    return attempts;
                })
                .toList();
        List<Attempt> attempts =
                Race.run(writers).stream().flatMap(List::stream).toList();
        ReplayOracle.check(store.read(Query.all()).events(), attempts);
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<?> stream = store.stream(ON_C1, ReadOptions.defaults(), mode)) {
                assertThat(stream).hasSize((int) store.head());
            }
        }
    }

    @Test
    void aReadOnlyPoolReadsAndSaysWhyItDoesNotAppend() {
        withPool(
                config -> {
                    config.setReadOnly(true);
                    config.setAutoCommit(false);
                },
                store -> {
                    assertThat(store.read(Query.all()).events()).isEmpty();
                    assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
                            .isThrownBy(() -> store.append(List.of(Event.of("A", "{}"))))
                            .withMessageContaining("read-only");
                });
    }

    @Test
    void aDatabaseThatIsReadOnlyIsAFailureOfTheDatabaseNotOfTheCaller() {
        withPool(config -> config.setConnectionInitSql("set default_transaction_read_only = on"), store -> {
            assertThat(store.read(Query.all()).events()).isEmpty();
            assertThatExceptionOfType(DataAccessResourceFailureException.class)
                    .isThrownBy(() -> store.append(List.of(Event.of("A", "{}"))))
                    .withMessageContaining("read-only")
                    .withMessageContaining("primary");
        });
    }
}
