package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Race;
import io.crablet.eventstore.ReplayOracle;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

/** Appends in transactions of each isolation level that began before the append of another. */
@ExtendWith(PostgresExtension.class)
class IsolationTests {

    private static final Tag C1 = Tag.of("course", "c1");
    private static final Event ON_C1 = Event.of("Defined", "{}", C1);
    private static final Event OTHER = Event.of("Other", "{}");
    private static final AppendCondition NO_C1 = AppendCondition.failIfEventsMatch(Query.ofTags(C1));

    private final TestLog log;
    private final PostgresEventStore store;
    private final JdbcTemplate jdbc;
    private final AtomicInteger retries = new AtomicInteger();

    IsolationTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.store();
        jdbc = new JdbcTemplate(log.pool());
        log.execute("create table notes (note text)", "grant all on notes to " + log.role());
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    private TransactionTemplate transaction(Isolation isolation) {
        TransactionTemplate template = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        template.setIsolationLevel(isolation.value());
        return template;
    }

    /** Begins a transaction that has seen the log, lets another append, and then appends itself. */
    private AppendResult appendAfterAnother(Isolation isolation, Event others, Callable<AppendResult> append) {
        return transaction(isolation).execute(status -> {
            jdbc.update("insert into " + log.schema() + ".notes values ('mine')");
            store.head();
            Background.start(() -> store.append(List.of(others))).result();
            try {
                return append.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertOnlyTheOthersAppendStands() {
        assertThat(store.read(Query.all()).events()).hasSize(1);
        assertThat(log.queryForLong("select count(*) from crablet_event_tags")).isLessThanOrEqualTo(1);
        assertThat(log.queryForLong("select count(*) from notes")).isZero();
        assertThat(store.append(List.of(OTHER))).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void readCommittedSeesTheOthersAppend() {
        AppendResult result =
                appendAfterAnother(Isolation.READ_COMMITTED, OTHER, () -> store.append(List.of(ON_C1), NO_C1));
        assertThat(result).isEqualTo(new AppendResult(2, 2));
        assertThat(log.queryForLong("select count(*) from notes")).isEqualTo(1);
    }

    @Test
    void readCommittedIsRefusedForTheOthersAppend() {
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() ->
                        appendAfterAnother(Isolation.READ_COMMITTED, ON_C1, () -> store.append(List.of(ON_C1), NO_C1)))
                .satisfies(refusal -> assertThat(refusal.position()).isEqualTo(1));
        assertOnlyTheOthersAppendStands();
    }

    @ParameterizedTest
    @EnumSource(names = {"REPEATABLE_READ", "SERIALIZABLE"})
    void anOldSnapshotCannotAppendOnAViolatedCondition(Isolation isolation) {
        assertRetry(isolation, ON_C1, () -> store.append(List.of(ON_C1), NO_C1));
    }

    @ParameterizedTest
    @EnumSource(names = {"REPEATABLE_READ", "SERIALIZABLE"})
    void anOldSnapshotCannotAppendOnAConditionThatHolds(Isolation isolation) {
        assertRetry(isolation, OTHER, () -> store.append(List.of(ON_C1), NO_C1));
    }

    @ParameterizedTest
    @EnumSource(names = {"REPEATABLE_READ", "SERIALIZABLE"})
    void anOldSnapshotCannotAppendWithoutACondition(Isolation isolation) {
        assertRetry(isolation, OTHER, () -> store.append(List.of(OTHER, OTHER)));
    }

    @ParameterizedTest
    @EnumSource(names = {"REPEATABLE_READ", "SERIALIZABLE"})
    void anOldSnapshotCannotAppendOnWhatItCannotSeeYet(Isolation isolation) {
        assertRetry(isolation, OTHER, () -> store.append(List.of(ON_C1), NO_C1.after(1)));
    }

    private void assertRetry(Isolation isolation, Event others, Callable<AppendResult> append) {
        assertThatExceptionOfType(ConcurrencyFailureException.class)
                .isThrownBy(() -> appendAfterAnother(isolation, others, append))
                .isNotInstanceOf(AppendConditionFailedException.class)
                .withMessageContaining("retry the transaction");
        assertOnlyTheOthersAppendStands();
    }

    @ParameterizedTest
    @EnumSource(names = {"READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"})
    void withNobodyInBetweenEveryLevelAppends(Isolation isolation) {
        store.append(List.of(OTHER));
        AppendResult result = transaction(isolation).execute(status -> {
            assertThat(store.head()).isEqualTo(1);
            store.append(List.of(OTHER));
            return store.append(List.of(ON_C1), NO_C1.after(store.head()));
        });
        assertThat(result).isEqualTo(new AppendResult(3, 3));
        assertThat(store.head()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"READ_COMMITTED", "REPEATABLE_READ", "SERIALIZABLE"})
    void manyTransactionsThatAreRetriedAllCommit(Isolation isolation) {
        List<Callable<List<Attempt>>> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            threads.add(() -> {
                List<Attempt> attempts = new ArrayList<>();
                for (int i = 0; i < 25; i++) {
                    attempts.add(sendUntilCommitted(isolation, Integer.toString(i)));
                }
                return attempts;
            });
        }
        List<Attempt> attempts =
                Race.run(threads).stream().flatMap(List::stream).toList();
        assertThat(attempts).hasSize(100);
        ReplayOracle.check(store.read(Query.all()).events(), attempts);
        if (isolation == Isolation.READ_COMMITTED) {
            assertThat(retries).as("only old snapshots have to retry").hasValue(0);
        }
    }

    private Attempt sendUntilCommitted(Isolation isolation, String data) {
        while (true) {
            try {
                return transaction(isolation).execute(status -> {
                    AppendCondition condition = NO_C1.after(store.head());
                    return new Attempt.Request(List.of(Event.of("A", data, C1)), condition).send(store);
                });
            } catch (ConcurrencyFailureException retry) {
                retries.incrementAndGet();
            }
        }
    }
}
