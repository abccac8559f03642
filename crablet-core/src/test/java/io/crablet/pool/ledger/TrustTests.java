package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.TcpForwarder;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.JdbcTemplate;

/** A leaked connection is used again only if it is as it was lent. */
@ExtendWith(PostgresExtension.class)
class TrustTests {

    private final TestDatabase database;

    private final TestPool pool;

    TrustTests(TestDatabase database) {
        this.database = database;
        this.pool = new TestPool(database, 2, LedgerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    interface Forgetful {
        void run(Connection connection) throws SQLException;
    }

    private void forget(Forgetful program) throws SQLException {
        program.run(pool.getConnection());
    }

    /** Forgets it after the ledger was asked: any collection takes back what is forgotten. */
    private int backendOf(Forgetful program) throws SQLException {
        Connection connection = pool.getConnection();
        program.run(connection);
        int backend = pool.onlyBorrowed().backendPid();
        Reference.reachabilityFence(connection);
        return backend;
    }

    private void assertForgotten(Outcome outcome, Forgetful program) throws SQLException {
        int backend = backendOf(program);
        pool.awaitBack();
        assertThat(pool.snapshot().recentLeaks())
                .singleElement()
                .satisfies(leak -> assertThat(leak.outcome()).isEqualTo(outcome));
        try (Connection next = pool.getConnection()) {
            assertThat(pool.onlyBorrowed().backendPid() == backend).isEqualTo(outcome == Outcome.RETURNED);
            assertIsPlain(next);
        }
    }

    private static void assertIsPlain(Connection connection) throws SQLException {
        assertThat(connection.getAutoCommit()).isTrue();
        assertThat(connection.isReadOnly()).isFalse();
        assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
        assertThat(connection.getSchema()).isEqualTo("public");
        assertThat(connection.getNetworkTimeout()).isZero();
        assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT coalesce(current_setting('app.tenant', true), ''), current_setting('work_mem'),
                               current_setting('application_name'), current_setting('default_transaction_isolation')
                        """)) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEmpty();
            assertThat(row.getString(2)).isEqualTo("4MB");
            assertThat(row.getString(3)).isEqualTo("PostgreSQL JDBC Driver");
            assertThat(row.getString(4)).isEqualTo("read committed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set work_mem = '5MB'",
                "set search_path = pg_catalog",
                "set role pg_monitor",
                "set session authorization pg_monitor",
                "listen news",
                "select pg_advisory_lock(7)",
                "create temporary table things (id int)",
                "declare c cursor with hold for select 1",
                "prepare p as select 1",
                "begin",
                "begin; create table undone (id int)"
            })
    void aChangedSessionIsClosed(String sql) throws SQLException {
        assertForgotten(
                Outcome.EVICTED, connection -> connection.createStatement().execute(sql));
        assertThat(new JdbcTemplate(pool).queryForObject("select to_regclass('undone') is null", Boolean.class))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "set app.tenant = '42'",
                "select set_config('app.tenant', '42', false)",
                "set local work_mem = '5MB'",
                "declare c cursor for select 1",
                "create temporary table things (id int) on commit drop",
                "select pg_advisory_xact_lock(7)",
                "listen news"
            })
    void whatARollbackOrAResetUndoesIsUsedAgain(String sql) throws SQLException {
        assertForgotten(Outcome.RETURNED, connection -> {
            connection.setAutoCommit(false);
            connection.createStatement().execute(sql);
        });
    }

    @Test
    void anApplicationsOwnSettingThatWasCommittedIsUndone() throws SQLException {
        assertForgotten(
                Outcome.RETURNED, connection -> connection.createStatement().execute("set app.tenant = '42'"));
    }

    @Test
    void whatThePoolPutsBackIsPutBack() throws SQLException {
        assertForgotten(Outcome.RETURNED, connection -> {
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setNetworkTimeout(Runnable::run, 12_345);
            connection.setAutoCommit(false);
            connection.createStatement().execute("select 1");
        });
    }

    @Test
    void aChangedSchemaIsNotUsedAgain() throws SQLException {
        assertForgotten(Outcome.EVICTED, connection -> connection.setSchema("pg_catalog"));
    }

    @Test
    void whatOnlyTheDriverKnowsIsNotUsedAgain() throws SQLException {
        assertForgotten(
                Outcome.EVICTED,
                connection -> connection.unwrap(PGConnection.class).setPrepareThreshold(1));
    }

    @Test
    void aChangedHoldabilityIsNotUsedAgain() throws SQLException {
        assertForgotten(Outcome.EVICTED, connection -> connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT));
    }

    @Test
    void aConnectionWhoseBackendIsGoneIsClosed() throws SQLException {
        assertForgotten(Outcome.EVICTED, connection -> {
            int pid = connection.unwrap(PGConnection.class).getBackendPID();
            try (Connection other = database.dataSource().getConnection()) {
                other.createStatement().execute("select pg_terminate_backend(" + pid + ")");
            }
        });
    }

    @Test
    void aSessionThatThePoolHasPreparedIsNotUsedAgain() throws SQLException {
        pool.hikari().setConnectionInitSql("set app.service = 'orders'");
        forget(connection -> {});
        pool.awaitBack();
        assertThat(pool.snapshot().recentLeaks().get(0).outcome()).isEqualTo(Outcome.EVICTED);
        assertThat(new JdbcTemplate(pool).queryForObject("select current_setting('app.service')", String.class))
                .isEqualTo("orders");
    }

    @Test
    void aSessionThatADataSourceMayHavePreparedIsNotUsedAgain() throws SQLException {
        pool.hikari().setDataSource(database.dataSource());
        assertForgotten(Outcome.EVICTED, connection -> {});
    }

    @Test
    void aSessionThatMayStillBeCancelledIsNotUsedAgain() throws SQLException {
        assertForgotten(
                Outcome.EVICTED,
                connection -> ((Tracked) connection).borrow().loan().spoil());
    }

    @Test
    void aServerThatDoesNotAnswerHoldsTheLedgerUpOnce() throws Exception {
        try (TcpForwarder forwarder =
                        new TcpForwarder("localhost", database.server().port());
                TestPool silent = new TestPool(database, 6)) {
            silent.hikari()
                    .setJdbcUrl(
                            database.jdbcUrl().replace(":" + database.server().port(), ":" + forwarder.port()));
            silent.keepLedger(
                            new PostgresSessions(),
                            BorrowContext.DEFAULT,
                            LedgerSettings.DEFAULTS,
                            LedgerListener.NO_OP)
                    .start();
            List<Connection> kept = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                kept.add(silent.getConnection());
            }
            forwarder.silence();
            kept.clear();
            long start = System.nanoTime();
            silent.awaitBack();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
            assertThat(silent.snapshot().recentLeaks())
                    .hasSize(6)
                    .allSatisfy(leak -> assertThat(leak.outcome()).isEqualTo(Outcome.EVICTED));
        }
    }
}
