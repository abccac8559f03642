package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.core.BaseConnection;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;

/** A connection of the ledger behaves as one of HikariCP. */
@ExtendWith(PostgresExtension.class)
class JdbcTests {

    private final TestPool pool;

    private Connection connection;

    JdbcTests(TestDatabase database) {
        pool = new TestPool(database, 3, LedgerSettings.DEFAULTS);
    }

    @BeforeEach
    void borrow() throws SQLException {
        connection = pool.getConnection();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        assertThat(pool.isQuiet()).isTrue();
        pool.close();
    }

    @Test
    void aSecondCloseDoesNothing() throws SQLException {
        connection.close();
        try (Connection other = pool.getConnection()) {
            connection.close();
            assertThat(other.isClosed()).isFalse();
            assertThat(pool.active()).isEqualTo(1);
        }
        assertThat(pool.snapshot().returns()).isEqualTo(2);
    }

    @Test
    void useAfterCloseFailsAsWithThePoolAlone() throws SQLException {
        Connection own = pool.hikari().getConnection();
        own.close();
        SQLException expected = catchThrowableOfType(SQLException.class, own::createStatement);
        Statement statement = connection.createStatement();
        connection.close();

        assertThatThrownBy(connection::createStatement)
                .hasMessage(expected.getMessage())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(expected.getSQLState()));
        assertThatThrownBy(() -> statement.execute("select 1")).isInstanceOf(SQLException.class);
        assertThat(connection.isClosed()).isTrue();
        assertThat(statement.isClosed()).isTrue();
        assertThat(connection.isValid(1)).isFalse();
    }

    @Test
    void anotherThreadMayUseAndCloseIt() throws Exception {
        assertThat(CompletableFuture.supplyAsync(() -> {
                    try (Connection handed = connection) {
                        return handed.createStatement().execute("select 1");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .succeedsWithin(Duration.ofSeconds(10));
        assertThat(connection.isClosed()).isTrue();
        pool.getConnection().close();
        assertThat(pool.snapshot().secondBorrows()).isZero();
    }

    @Test
    void whatLeadsBackToTheConnectionClosesIt() throws SQLException {
        Statement statement = connection.createStatement();
        assertThat(statement.getConnection()).isSameAs(connection);
        assertThat(connection.getMetaData().getConnection()).isSameAs(connection);
        ResultSet rows = statement.executeQuery("select 1");
        assertThat(rows.getStatement()).isSameAs(statement);
        assertThat(connection.getMetaData().getTypeInfo().getStatement().getConnection())
                .isSameAs(connection);
        statement.getConnection().close();
        assertThat(pool.isQuiet()).isTrue();
    }

    @Test
    void anAbortFreesTheSlotAtOnce() throws SQLException {
        connection.abort(Runnable::run);
        assertThat(pool.isQuiet()).isTrue();
        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(1)).isFalse();
        assertThatThrownBy(() -> connection.createStatement().execute("select 1"))
                .isInstanceOf(SQLException.class);
        connection.abort(Runnable::run);
        connection.close();
        pool.getConnection().close();
    }

    @Test
    void anAbortWithoutAnExecutorIsTheDriversToRefuse() {
        assertThatThrownBy(() -> connection.abort(null)).isInstanceOf(SQLException.class);
        assertThat(pool.active()).isEqualTo(1);
    }

    @Test
    void itIsEqualToItselfAlone() throws SQLException {
        try (Connection other = pool.getConnection()) {
            assertThat(connection).isEqualTo(connection).isNotEqualTo(other).hasSameHashCodeAs(connection);
            assertThat(connection.equals(null)).isFalse();
            assertThat(connection.toString()).contains("PgConnection");
        }
    }

    @Test
    void itUnwrapsToWhatThePoolsOwnUnwrapsTo() throws SQLException {
        for (Class<?> type : List.of(
                Connection.class, PGConnection.class, BaseConnection.class, PgConnection.class, AutoCloseable.class)) {
            assertThat(connection.isWrapperFor(type)).as(type.getName()).isTrue();
            assertThat(connection.unwrap(type)).isInstanceOf(type);
        }
        Statement statement = connection.prepareStatement("select 1");
        assertThat(statement.isWrapperFor(PGStatement.class)).isTrue();
        assertThat(statement.unwrap(PGStatement.class)).isInstanceOf(PGStatement.class);
        assertThat(statement.unwrap(PreparedStatement.class)).isSameAs(statement);
    }

    @Test
    void whatItCannotBeUnwrappedToFailsAsWithThePoolAlone() throws SQLException {
        try (Connection own = pool.hikari().getConnection()) {
            for (Class<?> type : Arrays.<Class<?>>asList(null, Runnable.class)) {
                Throwable expected = catchThrowableOfType(Exception.class, () -> own.unwrap(type));
                assertThatThrownBy(() -> connection.unwrap(type)).isInstanceOf(expected.getClass());
            }
            assertThat(connection.isWrapperFor(Runnable.class)).isFalse();
        }
    }

    @Test
    void exceptionsAreTheDriversOwn() throws SQLException {
        assertThatThrownBy(() -> connection.createStatement().execute("select 1 / 0"))
                .isExactlyInstanceOf(PSQLException.class)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));
        try (Statement batch = connection.createStatement()) {
            batch.addBatch("select set_config('a.b', 'c', true)");
            batch.addBatch("select 1 / 0");
            assertThatThrownBy(batch::executeBatch)
                    .isInstanceOfSatisfying(
                            BatchUpdateException.class,
                            e -> assertThat(e.getNextException() != null).isTrue());
        }
    }

    @Test
    void openResultsAreCounted() throws SQLException {
        Statement first = connection.createStatement();
        ResultSet rows = first.executeQuery("select 1");
        assertThat(openResults()).isEqualTo(1);
        rows = first.executeQuery("select 2");
        assertThat(first.getResultSet()).isNotNull();
        assertThat(openResults()).isEqualTo(1);
        Statement second = connection.createStatement();
        ResultSet others = second.executeQuery("select 3");
        assertThat(openResults()).isEqualTo(2);
        others.close();
        assertThat(openResults()).isEqualTo(1);
        rows.close();
        rows.close();
        assertThat(openResults()).isZero();
        first.executeQuery("select 4");
        first.close();
        first.close();
        assertThat(openResults()).isZero();
    }

    @Test
    void severalResultsOfAStatementAreCounted() throws SQLException {
        Statement statement = connection.createStatement();
        assertThat(statement.execute("select 1; select 2; select 3")).isTrue();
        ResultSet first = statement.getResultSet();
        assertThat(statement.getMoreResults(Statement.KEEP_CURRENT_RESULT)).isTrue();
        ResultSet second = statement.getResultSet();
        assertThat(openResults()).isEqualTo(2);
        assertThat(first.next()).isTrue();
        assertThat(first.getInt(1)).isEqualTo(1);
        assertThat(second.next()).isTrue();
        assertThat(second.getInt(1)).isEqualTo(2);
        assertThat(statement.getMoreResults()).isTrue();
        assertThat(openResults()).isEqualTo(1);
        assertThat(statement.getResultSet().next()).isTrue();
        assertThat(openResults()).isEqualTo(2);
        assertThat(statement.getMoreResults(Statement.CLOSE_ALL_RESULTS)).isFalse();
        assertThat(openResults()).isZero();
        assertThat(first.isClosed()).isTrue();
    }

    @Test
    void aStatementClosesOnCompletion() throws SQLException {
        Statement statement = connection.createStatement();
        statement.closeOnCompletion();
        assertThat(statement.isCloseOnCompletion()).isTrue();
        statement.executeQuery("select 1").close();
        assertThat(statement.isClosed()).isTrue();
        assertThat(openResults()).isZero();
    }

    @Test
    void whatIsNullStaysNull() throws SQLException {
        try (ResultSet rows = connection.createStatement().executeQuery("select null::text[], null::text")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getArray(1)).isNull();
            assertThat(rows.getString(2)).isNull();
            assertThat(rows.getObject(2)).isNull();
        }
        Statement statement = connection.createStatement();
        statement.execute("set work_mem = '5MB'");
        assertThat(statement.getResultSet()).isNull();
        assertThat(statement.getWarnings() == null).isTrue();
    }

    @Test
    void keysSavepointsAndArraysWork() throws SQLException {
        connection.createStatement().execute("create temporary table things (id serial, tags text[])");
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("insert into things (tags) values (?)", Statement.RETURN_GENERATED_KEYS)) {
            insert.setArray(1, connection.createArrayOf("text", new String[] {"a,b", "{\"c\"}"}));
            assertThat(insert.executeUpdate()).isEqualTo(1);
            ResultSet keys = insert.getGeneratedKeys();
            assertThat(keys.next()).isTrue();
            assertThat(keys.getInt("id")).isEqualTo(1);
            assertThat(keys.getStatement()).isSameAs(insert);
            Array tags = keys.getArray("tags");
            assertThat((Object[]) tags.getArray()).containsExactly("a,b", "{\"c\"}");

            Savepoint savepoint = connection.setSavepoint("before");
            insert.setArray(1, tags);
            assertThat(insert.executeUpdate()).isEqualTo(1);
            connection.rollback(savepoint);
            connection.releaseSavepoint(connection.setSavepoint());
        }
        connection.commit();
        try (ResultSet count = connection.createStatement().executeQuery("select count(*) from things")) {
            assertThat(count.next()).isTrue();
            assertThat(count.getInt(1)).isEqualTo(1);
        }
        connection.setAutoCommit(true);
        connection.createStatement().execute("drop table things");
    }

    @Test
    void thePoolPutsBackWhatWasSet() throws SQLException {
        int backend = pool.onlyBorrowed().backendPid();
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setAutoCommit(false);
        connection.setNetworkTimeout(Runnable::run, 12_345);
        connection.close();

        connection = pool.getConnection();
        assertThat(pool.onlyBorrowed().backendPid()).isEqualTo(backend);
        assertThat(connection.isReadOnly()).isFalse();
        assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
        assertThat(connection.getAutoCommit()).isTrue();
        assertThat(connection.getNetworkTimeout()).isZero();
    }

    @Test
    void aQueryThatRunsIsSeenAndCanBeCancelledByItsStatement() throws Exception {
        Statement statement = connection.createStatement();
        CompletableFuture<Void> query = CompletableFuture.runAsync(() -> assertThatThrownBy(
                        () -> statement.execute("select pg_sleep(30)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014")));
        await().until(() -> pool.onlyBorrowed().executing() != null);
        assertThat(pool.onlyBorrowed().idle()).isZero();
        await().until(() -> {
            statement.cancel();
            return query.isDone();
        });
        query.get();
        assertThat(pool.onlyBorrowed().executing()).isNull();
    }

    private int openResults() {
        return pool.onlyBorrowed().openResults();
    }
}
