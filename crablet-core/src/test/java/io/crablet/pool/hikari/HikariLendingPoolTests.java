package io.crablet.pool.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@ExtendWith(PostgresExtension.class)
class HikariLendingPoolTests {

    private final HikariDataSource pool = new HikariDataSource();

    HikariLendingPoolTests(TestDatabase database) {
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(1);
        pool.setConnectionTimeout(2_000);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    static Stream<Throwable> failures() {
        return Stream.of(
                new SQLFeatureNotSupportedException("no abort", "0A000"),
                new UnsupportedOperationException(),
                new AbstractMethodError());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aWrapperThatCannotAbortLosesNoSlot(Throwable failure) throws SQLException {
        HikariLendingPool lending = new HikariLendingPool("test", pool, wrappedSo(failure));
        lending.evict(lending.lend());

        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        lending.lend().close();
    }

    @Test
    void aWrappedConnectionThatWasAbortedIsReplaced() throws SQLException {
        HikariLendingPool lending = new HikariLendingPool("test", pool, new DelegatingDataSource(pool));
        Connection evicted = lending.lend();
        lending.evict(evicted);

        assertThatThrownBy(evicted::createStatement).isInstanceOf(SQLException.class);
        try (Connection next = lending.lend()) {
            assertThat(next.isValid(10)).isTrue();
        }
    }

    @Test
    void aDataSourceAroundThePoolMayPrepareSessions() {
        assertThat(new HikariLendingPool("test", pool).preparesSessions()).isFalse();
        assertThat(new HikariLendingPool("test", pool, new DelegatingDataSource(pool)).preparesSessions())
                .isTrue();
    }

    private DataSource wrappedSo(Throwable failureOfAbort) {
        return new DelegatingDataSource(pool) {
            @Override
            public Connection getConnection() throws SQLException {
                return cannotAbort(super.getConnection(), failureOfAbort);
            }
        };
    }

    private static Connection cannotAbort(Connection connection, Throwable failure) {
        return (Connection) Proxy.newProxyInstance(
                HikariLendingPoolTests.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("abort")) {
                        throw failure;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
