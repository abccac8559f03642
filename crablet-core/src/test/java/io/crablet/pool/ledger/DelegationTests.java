package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method of JDBC, those of later versions among them, reaches the pool's own object and comes back as it went. */
class DelegationTests {

    private final StubPool pool = new StubPool();

    private final ConnectionLedger ledger =
            new ConnectionLedger(pool, SessionInspector.NONE, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS);

    interface Opening {
        Object open(Connection connection) throws SQLException;
    }

    static Stream<Arguments> types() {
        return Stream.of(
                type(Connection.class, connection -> connection),
                type(Statement.class, Connection::createStatement),
                type(PreparedStatement.class, connection -> connection.prepareStatement("")),
                type(CallableStatement.class, connection -> connection.prepareCall("")),
                type(DatabaseMetaData.class, Connection::getMetaData),
                type(ResultSet.class, connection -> connection.createStatement().executeQuery("")),
                type(ResultSet.class, connection -> connection.createStatement().getGeneratedKeys()),
                type(ResultSet.class, connection -> connection.getMetaData().getCatalogs()));
    }

    private static Arguments type(Class<?> type, Opening opening) {
        return Arguments.of(type, opening);
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("types")
    void everyCallReachesThePoolsOwnObject(Class<?> type, Opening opening) throws Exception {
        for (Method method : methods(type)) {
            Object tracked = opening.open(ledger.borrow());
            pool.forget();
            Object result = method.invoke(tracked, StubPool.Defaults.arguments(method));
            assertThat(pool.calls()).as(method.toString()).containsExactly(method);
            if (method.getReturnType().isInterface()) {
                assertThat(result).as(method.toString()).isInstanceOf(method.getReturnType());
            }
        }
    }

    @ParameterizedTest(name = "{index} {0}")
    @MethodSource("types")
    void everyExceptionComesThroughUnchanged(Class<?> type, Opening opening) throws Exception {
        for (Method method : methods(type)) {
            Object tracked = opening.open(ledger.borrow());
            for (Throwable failure : new Throwable[] {
                new SQLTimeoutException("late", "57014", 7),
                new IllegalStateException("broken"),
                new StackOverflowError()
            }) {
                if (failure instanceof SQLException
                        && !Arrays.asList(method.getExceptionTypes()).contains(SQLException.class)) {
                    continue;
                }
                pool.failWith(failure);
                Throwable thrown = catchThrowable(() -> method.invoke(tracked, StubPool.Defaults.arguments(method)));
                if (!method.getName().equals("close") || failure instanceof SQLException) {
                    assertThat(thrown).as(method.toString()).isInstanceOf(InvocationTargetException.class);
                    assertThat(thrown.getCause()).as(method.toString()).isSameAs(failure);
                }
            }
            pool.failWith(null);
        }
    }

    private static Method[] methods(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .toArray(Method[]::new);
    }
}
