package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.PoolWatch;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.JdbcTemplate;

@ExtendWith(PostgresExtension.class)
class OverdueTests {

    private static final LedgerSettings SOON = new LedgerSettings(
            Duration.ofMillis(100), true, false, Duration.ofMillis(200), Set.of("nightly import"), List.of(), false);

    private final List<String> news = new CopyOnWriteArrayList<>();

    private final LedgerListener listener = new LedgerListener() {
        @Override
        public void suspected(BorrowedConnection connection) {
            news.add("suspected");
        }

        @Override
        public void overdue(BorrowedConnection connection) {
            news.add("overdue");
        }

        @Override
        public void reclaimed(ConnectionLeak leak) {
            news.add("reclaimed " + leak.outcome());
        }
    };

    private final CountDownLatch cancelMayGoOn = new CountDownLatch(1);

    private final TestDatabase database;

    private final TestPool pool;

    OverdueTests(TestDatabase database) {
        this.database = database;
        this.pool = new TestPool(database, 1, SOON, listener);
    }

    @AfterEach
    void close() {
        cancelMayGoOn.countDown();
        pool.close();
    }

    @Test
    void whatIsHeldForTooLongIsTakenBackInStages() throws SQLException {
        Connection connection = pool.getConnection();
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.execute("create table undone (id int)");

        try (Connection next = pool.getConnection()) {
            assertThat(news).containsExactly("suspected", "overdue", "reclaimed EVICTED");
            assertThat(next.createStatement().execute("create table undone (id int)"))
                    .isFalse();
            next.createStatement().execute("drop table undone");
            assertThat(pool.active()).isEqualTo(1);
        }
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.snapshot().overdueReclaimed()).isEqualTo(1);
        assertThat(pool.snapshot().leaks()).isZero();

        assertThat(connection.isClosed()).isTrue();
        assertThat(statement.isClosed()).isTrue();
        assertThatThrownBy(() -> statement.execute("select 1")).satisfies(OverdueTests::saysWhy);
        assertThatThrownBy(connection::commit).satisfies(OverdueTests::saysWhy);
        statement.close();
        connection.close();
        assertThat(pool.snapshot().returns()).isEqualTo(2);
    }

    private static void saysWhy(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"))
                .hasMessageContaining("reclaim-after")
                .hasMessageContaining("borrowed")
                .hasMessageContaining(Thread.currentThread().getName());
    }

    @Test
    void aStatementThatRunsIsCancelledFirst() throws SQLException {
        Connection connection = pool.getConnection();
        assertThatThrownBy(() -> connection.createStatement().execute("select pg_sleep(60)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        assertThat(pool.borrowed()).hasSize(1);
        int backend = pool.onlyBorrowed().backendPid();
        connection.close();

        // The cancel may still be on its way: nobody else gets this backend.
        try (Connection next = pool.getConnection()) {
            assertThat(next.unwrap(PGConnection.class).getBackendPID()).isNotEqualTo(backend);
        }
        assertThat(pool.isQuiet()).isTrue();
    }

    @Test
    void whoUsesItKeepsIt() throws SQLException {
        Connection connection = pool.getConnection();
        int backend = pool.onlyBorrowed().backendPid();
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(6)).until(() -> {
            connection.createStatement().execute("select 1");
            return pool.onlyBorrowed().backendPid() == backend;
        });
        assertThat(news).containsExactly("suspected", "overdue");
        connection.close();
    }

    @Test
    void whoOnlySetsParametersKeepsIt() throws SQLException {
        PreparedStatement statement = pool.getConnection().prepareStatement("insert into things values (?)");
        assertKeepsIt(() -> {
            statement.setInt(1, 42);
            statement.addBatch();
        });
        statement.getConnection().close();
    }

    @Test
    void whoOnlyReadsARowKeepsIt() throws SQLException {
        ResultSet row = pool.getConnection().createStatement().executeQuery("select 42");
        row.next();
        assertKeepsIt(() -> assertThat(row.getInt(1)).isEqualTo(42));
        row.getStatement().getConnection().close();
    }

    @Test
    void whoOnlyWaitsForTheNextRowKeepsIt() throws Exception {
        try (TestPool patient = new TestPool(database, 1, LedgerSettings.DEFAULTS, listener);
                Connection connection = patient.getConnection()) {
            connection.setAutoCommit(false);
            Statement statement = connection.createStatement();
            statement.setFetchSize(1);
            ResultSet rows =
                    statement.executeQuery("select case n when 2 then pg_sleep(60) end from generate_series(1, 3) n");
            assertThat(rows.next()).isTrue();
            CompletableFuture<Void> next = CompletableFuture.runAsync(() -> assertThatThrownBy(rows::next)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014")));
            await().untilAsserted(() -> {
                BorrowedConnection waiting = patient.onlyBorrowed();
                assertThat(waiting.executing()).isGreaterThan(Duration.ofMillis(100));
                assertThat(waiting.idle()).isZero();
            });
            long cancelled = System.nanoTime();
            new JdbcTemplate(database.dataSource())
                    .queryForObject(
                            "select pg_cancel_backend(?)",
                            Boolean.class,
                            patient.onlyBorrowed().backendPid());
            next.get(10, TimeUnit.SECONDS);
            BorrowedConnection unused = patient.onlyBorrowed();
            assertThat(unused.executing()).isNull();
            // Unused since the wait has ended, not since it began.
            assertThat(unused.idle()).isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - cancelled));
        }
    }

    interface Use {
        void use() throws SQLException;
    }

    private void assertKeepsIt(Use use) {
        await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(6)).until(() -> {
            use.use();
            return pool.borrowed().size() == 1;
        });
        assertThat(news).containsExactly("suspected", "overdue");
    }

    @Test
    void whoMayUseItUnseenKeepsIt() throws Exception {
        Connection connection = pool.getConnection();
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofSeconds(6))
                .until(() -> copy.copyOut("copy (select 1) to stdout", new StringWriter()) == 1);
        assertThat(news).containsExactly("suspected", "overdue");
        connection.close();
    }

    @Test
    void anExemptOperationKeepsIt() throws SQLException {
        try (PoolWatch.Operation operation = PoolWatch.operation("nightly import");
                Connection connection = pool.getConnection()) {
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(6)).until(() -> !connection.isClosed());
            assertThat(pool.onlyBorrowed().operation()).isEqualTo("nightly import");
            assertThat(operation).isNotNull();
        }
        assertThat(news).containsExactly("suspected");
    }

    @Test
    void anOperatorTakesBackWhatRuns() throws Exception {
        try (TestPool patient = new TestPool(database, 1, LedgerSettings.DEFAULTS, listener)) {
            Connection connection = patient.getConnection();
            int backend = patient.onlyBorrowed().backendPid();
            CompletableFuture<Void> query = CompletableFuture.runAsync(
                    () -> assertThatThrownBy(() -> connection.createStatement().execute("select pg_sleep(60)"))
                            .isInstanceOf(SQLException.class));
            await().until(() -> patient.onlyBorrowed().executing() != null);

            long id = patient.onlyBorrowed().id();
            assertThat(patient.ledger().reclaim(id, "the operator said so")).isPresent();
            assertThat(patient.ledger().reclaim(id, "again")).isEmpty();

            query.get(10, TimeUnit.SECONDS);
            assertThatThrownBy(connection::createStatement).hasMessageContaining("the operator said so");
            await().untilAsserted(() -> assertThat(new JdbcTemplate(database.dataSource())
                            .queryForObject(
                                    "select count(*) from pg_stat_activity where pid = ?", Integer.class, backend))
                    .isZero());
            patient.getConnection().close();
            await().until(patient::isQuiet);
        }
    }

    @Test
    void aCancelThatTakesLongDoesNotHoldUpTheLeaks() throws Exception {
        try (TestPool slow = new TestPool(database, 2)) {
            SlowToCancel inspector = new SlowToCancel();
            slow.keepLedger(inspector, BorrowContext.DEFAULT, SOON, listener).start();
            Connection busy = slow.getConnection();
            CompletableFuture<Void> query = CompletableFuture.runAsync(
                    () -> assertThatThrownBy(() -> busy.createStatement().execute("select pg_sleep(60)"))
                            .isInstanceOf(SQLException.class));
            await().until(() -> inspector.asked.getCount() == 0);
            forget(slow);
            await().until(() -> {
                Collector.collect();
                return slow.snapshot().leaksReclaimed() == 1;
            });
            assertThat(query).isNotDone();
            cancelMayGoOn.countDown();
            query.get(10, TimeUnit.SECONDS);
            busy.close();
        }
    }

    private static void forget(TestPool pool) throws SQLException {
        pool.getConnection();
    }

    private final class SlowToCancel implements SessionInspector {

        private final CountDownLatch asked = new CountDownLatch(1);

        private final SessionInspector real = new PostgresSessions();

        @Override
        public void cancel(Connection connection) throws SQLException {
            asked.countDown();
            try {
                cancelMayGoOn.await();
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
            real.cancel(connection);
        }

        @Override
        public boolean isAsLent(Connection connection) throws SQLException {
            return real.isAsLent(connection);
        }
    }
}
