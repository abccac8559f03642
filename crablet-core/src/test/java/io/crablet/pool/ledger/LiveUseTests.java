package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.PoolWatch;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.InputStream;
import java.io.StringWriter;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.largeobject.LargeObjectManager;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** Whoever can still use a connection, by whatever it has kept, keeps it. */
@ExtendWith(PostgresExtension.class)
class LiveUseTests {

    private static final int COLLECTIONS = 8;

    private final TestPool pool;

    LiveUseTests(TestDatabase database) {
        pool = new TestPool(database, 4, LedgerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    interface Keep<T> {
        T keep(Connection connection) throws Exception;
    }

    interface Use<T> {
        void use(T kept) throws Exception;
    }

    /** Keeps something of a connection and nothing else, and uses it again and again. */
    private <T> void assertNeverTouched(Keep<T> keep, Use<T> use) throws Exception {
        assertKeptIsNeverTouched(keep.keep(pool.getConnection()), use);
    }

    private <T> void assertKeptIsNeverTouched(T kept, Use<T> use) throws Exception {
        int backend = pool.onlyBorrowed().backendPid();
        Load.during(pool, 2, () -> {
            for (int i = 0; i < COLLECTIONS; i++) {
                Collector.collect();
                use.use(kept);
            }
        });
        assertThat(pool.snapshot().leaks()).isZero();
        assertThat(pool.onlyBorrowed().backendPid()).isEqualTo(backend);
    }

    @Test
    void whatTheDriverLetsAProgramDoUnseenIsTold() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            PGConnection postgres = connection.unwrap(PGConnection.class);
            assertThat(pool.onlyBorrowed().usedUnseen()).isFalse();
            assertThat(postgres.getCopyAPI()).isNotNull();
            assertThat(pool.onlyBorrowed().usedUnseen()).isTrue();
        }
    }

    @Test
    void namesCannotSteerATerminal() throws Exception {
        CompletableFuture<BorrowedConnection> shown = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try (PoolWatch.Operation operation = PoolWatch.operation("import\n\u001B[31m");
                    Connection connection = pool.getConnection()) {
                assertThat(connection).isNotNull();
                assertThat(operation).isNotNull();
                shown.complete(pool.onlyBorrowed());
            } catch (Throwable e) {
                shown.completeExceptionally(e);
            }
        });
        thread.setName("worker\r1");
        thread.start();

        assertThat(shown.get().operation()).isEqualTo("import\uFFFD\uFFFD[31m");
        assertThat(shown.get().thread()).isEqualTo("worker\uFFFD1");
    }

    @Test
    void aProgramThatKeepsOnlyAResultSet() throws Exception {
        assertNeverTouched(
                connection -> connection.createStatement().executeQuery("select generate_series(1, 1000)"),
                rows -> assertThat(rows.next()).isTrue());
    }

    @Test
    void aProgramThatKeepsOnlyAStatement() throws Exception {
        assertNeverTouched(Connection::createStatement, LiveUseTests::ask);
    }

    @Test
    void aProgramThatKeepsOnlyAPreparedStatement() throws Exception {
        assertNeverTouched(
                connection -> connection.prepareStatement("select 1"),
                (PreparedStatement statement) -> assertThat(statement.execute()).isTrue());
    }

    @Test
    void aProgramThatKeepsOnlyACallableStatement() throws Exception {
        assertNeverTouched(
                connection -> connection.prepareCall("{call pg_sleep(0)}"),
                (CallableStatement call) -> assertThat(call.execute()).isTrue());
    }

    @Test
    void aProgramThatKeepsOnlyTheMetadata() throws Exception {
        assertNeverTouched(
                Connection::getMetaData,
                (DatabaseMetaData data) -> assertThat(data.getSchemas().next()).isTrue());
    }

    @Test
    void aProgramThatKeepsOnlyAResultSetOfMetadata() throws Exception {
        assertNeverTouched(
                connection -> connection.getMetaData().getTypeInfo(),
                (ResultSet rows) -> assertThat(rows.next()).isTrue());
    }

    @Test
    void aProgramThatKeepsOnlyTheStatementOfMetadata() throws Exception {
        assertNeverTouched(
                connection -> connection.getMetaData().getTypeInfo().getStatement(),
                (Statement statement) -> assertThat(statement.getMaxRows()).isZero());
    }

    @Test
    void aProgramThatKeepsOnlyWhatAResultSetLeadsBackTo() throws Exception {
        assertNeverTouched(
                connection -> connection
                        .createStatement()
                        .executeQuery("select 1")
                        .getStatement()
                        .getConnection(),
                connection -> ask(connection.createStatement()));
    }

    @Test
    void aProgramThatKeepsOnlyAStream() throws Exception {
        Stream<Integer> rows = query();
        assertKeptIsNeverTouched(rows, kept -> assertThat(kept.isParallel()).isFalse());
        assertThat(rows.limit(10)).hasSize(10);
    }

    @Test
    void aProgramThatKeepsOnlyTheIteratorOfAStream() throws Exception {
        assertKeptIsNeverTouched(
                query().iterator(), rows -> assertThat(rows.next()).isPositive());
    }

    private Stream<Integer> query() {
        return new JdbcTemplate(pool).queryForStream("select generate_series(1, 1000)", (row, n) -> row.getInt(1));
    }

    @Test
    void aProgramWhoseTransactionIsBoundToItsThread() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            on(thread, () -> {
                new DataSourceTransactionManager(pool).getTransaction(new DefaultTransactionDefinition());
                new JdbcTemplate(pool).execute("create temporary table mine on commit drop as select 1");
            });
            assertKeptIsNeverTouched(
                    thread, same -> on(same, () -> new JdbcTemplate(pool).queryForList("select * from mine")));
        } finally {
            thread.shutdownNow();
        }
    }

    private static void on(ExecutorService thread, Runnable task) throws Exception {
        thread.submit(task).get();
    }

    @Test
    void aProgramThatKeepsOnlyWhatItHasUnwrapped() throws Exception {
        assertNeverTouched(
                connection -> connection.unwrap(PGConnection.class),
                driver -> ask(((Connection) driver).createStatement()));
    }

    @Test
    void aProgramThatKeepsOnlyWhatItHasUnwrappedAndCast() throws Exception {
        assertNeverTouched(
                connection -> (BaseConnection) connection.unwrap(PGConnection.class),
                driver -> driver.execSQLUpdate("set work_mem = '5MB'"));
    }

    @Test
    void aProgramThatKeepsOnlyTheClassItHasUnwrapped() throws Exception {
        assertNeverTouched(
                connection -> connection.unwrap(PgConnection.class), driver -> ask(driver.createStatement()));
    }

    @Test
    void aProgramThatKeepsOnlyAnUnwrappedStatement() throws Exception {
        assertNeverTouched(
                connection -> connection.createStatement().unwrap(PGStatement.class),
                statement -> ask((Statement) statement));
    }

    @Test
    void aProgramThatKeepsOnlyACopyManager() throws Exception {
        assertNeverTouched(
                connection -> connection.unwrap(PGConnection.class).getCopyAPI(),
                copy -> assertThat(copy.copyOut("copy (select 1) to stdout", new StringWriter()))
                        .isEqualTo(1));
    }

    @Test
    void aProgramThatKeepsOnlyACopyManagerOfItsOwn() throws Exception {
        assertNeverTouched(
                connection -> new CopyManager(connection.unwrap(BaseConnection.class)),
                copy -> assertThat(copy.copyOut("copy (select 1) to stdout", new StringWriter()))
                        .isEqualTo(1));
    }

    @Test
    void aProgramThatKeepsOnlyALargeObject() throws Exception {
        assertNeverTouched(
                connection -> {
                    connection.setAutoCommit(false);
                    LargeObjectManager objects =
                            connection.unwrap(PGConnection.class).getLargeObjectAPI();
                    return objects.open(objects.createLO());
                },
                object -> object.write(new byte[1]));
    }

    @Test
    void aProgramThatKeepsOnlyABlob() throws Exception {
        assertNeverTouched(
                LiveUseTests::blob,
                (Blob blob) -> assertThat(blob.getBytes(1, 3)).hasSize(3));
    }

    @Test
    void aProgramThatKeepsOnlyTheStreamOfABlob() throws Exception {
        assertNeverTouched(
                connection -> blob(connection).getBinaryStream(),
                (InputStream bytes) -> assertThat(bytes.read()).isNotNegative());
    }

    private static Blob blob(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        ResultSet rows = connection
                .createStatement()
                .executeQuery("select lo_from_bytea(0, convert_to(repeat('x', 100000), 'UTF8'))");
        rows.next();
        return rows.getBlob(1);
    }

    @Test
    void aProgramThatKeepsOnlyTheDescriptionOfAResult() throws Exception {
        assertNeverTouched(
                connection -> connection
                        .createStatement()
                        .executeQuery("select relname from pg_class")
                        .getMetaData(),
                (ResultSetMetaData columns) ->
                        assertThat(columns.isNullable(1)).isEqualTo(ResultSetMetaData.columnNoNulls));
    }

    @Test
    void aProgramThatKeepsOnlyTheDescriptionOfParameters() throws Exception {
        assertNeverTouched(
                connection -> connection.prepareStatement("select ?::int").getParameterMetaData(),
                (ParameterMetaData parameters) ->
                        assertThat(parameters.getParameterCount()).isEqualTo(1));
    }

    @Test
    void aProgramThatKeepsOnlyAnArray() throws Exception {
        assertNeverTouched(
                connection -> {
                    ResultSet rows = connection.createStatement().executeQuery("select array['a', 'b']");
                    rows.next();
                    return rows.getArray(1);
                },
                (Array array) -> assertThat((Object[]) array.getArray()).containsExactly("a", "b"));
    }

    @Test
    void aProgramThatKeepsOnlyTheResultOfANamedCursor() throws Exception {
        assertNeverTouched(
                connection -> {
                    connection.setAutoCommit(false);
                    Statement statement = connection.createStatement();
                    statement.execute("declare mine cursor for select generate_series(1, 1000)");
                    ResultSet rows = statement.executeQuery("select 'mine'::refcursor");
                    rows.next();
                    return (ResultSet) rows.getObject(1);
                },
                rows -> assertThat(rows.next()).isTrue());
    }

    @Test
    void aStatementThatRunsAndThatNobodyUsesAfterwards() throws Exception {
        CompletableFuture<Void> collecting = new CompletableFuture<>();
        Thread collector = new Thread(() -> {
            while (!collecting.isDone()) {
                Collector.collect();
            }
        });
        collector.start();
        try {
            for (int i = 0; i < 5; i++) {
                // The connection is leaked, but not before the statement has ended.
                pool.getConnection().createStatement().execute("select pg_sleep(0.3)");
            }
        } finally {
            collecting.complete(null);
            collector.join();
        }
        pool.awaitBack();
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(5);
    }

    private static void ask(Statement statement) throws SQLException {
        assertThat(statement.execute("select 1")).isTrue();
    }
}
