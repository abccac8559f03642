package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Somebody inserts past the append function, and so without its lock: the primary key lets one of the two win. */
@ExtendWith(PostgresExtension.class)
class ForeignInsertTests {

    private static final String UNIQUE_VIOLATION = "23505";
    private static final String INSERT =
            "insert into crablet_events values (1, 'Foreign', '{}', '{}', '{}', clock_timestamp())";

    private final TestLog log;
    private final PostgresEventStore store;
    private final TransactionTemplate transaction;

    ForeignInsertTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.store();
        transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    private AppendResult append() {
        return store.append(List.of(Event.of("A", "{}")));
    }

    /** Inserts, starts something that has to wait for that, and commits. */
    private <T> Background<T> afterTheInsert(Callable<T> waiting) throws SQLException {
        try (Connection foreign = log.connect();
                Statement statement = foreign.createStatement()) {
            foreign.setAutoCommit(false);
            statement.execute(INSERT);
            Background<T> other = Background.start(waiting);
            log.backends().awaitWaitingForLock(1);
            foreign.commit();
            return other;
        }
    }

    @Test
    void anAppendOfItsOwnIsTriedAgainBehindIt() throws SQLException {
        assertThat(afterTheInsert(this::append).result()).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void anAppendOfItsOwnIsRefusedIfTheInsertViolatesItsCondition() throws SQLException {
        AppendCondition condition = AppendCondition.failIfEventsMatch(Query.ofTypes("Foreign"));
        Attempt.Request request = new Attempt.Request(List.of(Event.of("A", "{}")), condition);
        assertThat(afterTheInsert(() -> request.send(store))
                        .result()
                        .violation()
                        .position())
                .isEqualTo(1);
        assertThat(store.head()).isEqualTo(1);
    }

    @Test
    void anAppendInATransactionFails() throws SQLException {
        Background<AppendResult> append = afterTheInsert(() -> transaction.execute(status -> append()));
        assertThat(append.failure())
                .isInstanceOf(ConcurrencyFailureException.class)
                .hasMessageContaining("retry the transaction");
        assertThat(store.head()).isEqualTo(1);
        assertThat(append()).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void theAppendWinsIfTheInsertRollsBack() throws SQLException {
        Background<AppendResult> append;
        try (Connection foreign = log.connect();
                Statement statement = foreign.createStatement()) {
            foreign.setAutoCommit(false);
            statement.execute(INSERT);
            append = Background.start(this::append);
            log.backends().awaitWaitingForLock(1);
            foreign.rollback();
        }
        assertThat(append.result()).isEqualTo(new AppendResult(1, 1));
    }

    @Test
    void theInsertThatComesSecondFails() throws SQLException {
        Background<SQLException> insert = transaction.execute(status -> {
            append();
            Background<SQLException> other = Background.start(() -> {
                try (Connection foreign = log.connect();
                        Statement statement = foreign.createStatement()) {
                    return catchThrowableOfType(SQLException.class, () -> statement.execute(INSERT));
                }
            });
            log.backends().awaitOwnerWaitingForLock();
            return other;
        });
        assertThat(insert.result().getSQLState()).isEqualTo(UNIQUE_VIOLATION);
        assertThat(store.head()).isEqualTo(1);
    }

    @Test
    void whatWasInsertedMeanwhileFailsAnOldSnapshot() {
        transaction.setIsolationLevel(Connection.TRANSACTION_REPEATABLE_READ);
        assertThatExceptionOfType(ConcurrencyFailureException.class)
                .isThrownBy(() -> transaction.execute(status -> {
                    store.head();
                    log.execute(INSERT);
                    return append();
                }));
        assertThat(store.head()).isEqualTo(1);
    }
}
