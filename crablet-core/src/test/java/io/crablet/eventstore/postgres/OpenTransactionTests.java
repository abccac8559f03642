package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A transaction that stays open somewhere on the server holds nothing back: neither appends nor what readers see. */
@ExtendWith(PostgresExtension.class)
class OpenTransactionTests {

    private static final Event EVENT = Event.of("A", "{}");

    private final TestDatabase database;
    private final TestLog log;
    private final PostgresEventStore store;

    OpenTransactionTests(TestDatabase database) {
        this.database = database;
        this.log = new TestLog(database);
        this.store = log.store();
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    /** Begins a transaction that has written something, so that it has an id, and leaves it open. */
    private static Statement begin(Connection connection, String table) throws SQLException {
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.execute("create table " + table + " (id int)");
        statement.execute("select pg_current_xact_id()");
        return statement;
    }

    private void assertNothingHeldBack() {
        long head = store.head();
        for (int i = 1; i <= 10; i++) {
            long position = head + i;
            assertThat(store.append(List.of(EVENT))).isEqualTo(new AppendResult(position, position));
            assertThat(store.head()).isEqualTo(position);
            ReadResult read = store.read(Query.all(), ReadOptions.defaults().withAfter(position - 1));
            assertThat(read.events()).hasSize(1);
            assertThat(read.head()).isEqualTo(position);
            for (StreamMode mode : StreamMode.values()) {
                try (var stream = store.stream(Query.all(), ReadOptions.defaults(), mode)) {
                    assertThat(stream.count()).isEqualTo(position);
                }
            }
            Projector<Integer> count = Projector.of(Query.all(), 0, (n, event) -> n + 1);
            assertThat(store.project(count).state(count)).isEqualTo((int) position);
        }
        AppendCondition unchanged =
                AppendCondition.failIfEventsMatch(Query.all()).after(head);
        assertThat(new Attempt.Request(List.of(EVENT), unchanged).send(store).isAccepted())
                .isFalse();
    }

    @Test
    void oneInTheSameDatabaseHoldsNothingBack() throws SQLException {
        try (Connection other = log.connect();
                Statement open = begin(other, "open_" + log.schema())) {
            assertNothingHeldBack();
            assertThat(open.isClosed()).isFalse();
        }
    }

    @Test
    void oneInAnotherDatabaseHoldsNothingBack() throws SQLException {
        try (TestDatabase elsewhere = database.server().createDatabase();
                Connection other = elsewhere.dataSource().getConnection();
                Statement open = begin(other, "open")) {
            assertNothingHeldBack();
            assertThat(open.isClosed()).isFalse();
        }
    }

    @Test
    void oneWithAnOldSnapshotHoldsNothingBack() throws SQLException {
        store.append(List.of(EVENT));
        try (Connection other = log.connect();
                Statement open = other.createStatement()) {
            other.setAutoCommit(false);
            other.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            open.executeQuery("select count(*) from crablet_events").close();
            assertNothingHeldBack();
        }
    }
}
