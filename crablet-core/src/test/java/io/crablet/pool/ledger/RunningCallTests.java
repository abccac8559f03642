package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolCounts;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** Compiled code forgets an object before the last call of it has returned. The ledger does not. */
class RunningCallTests {

    /** Enough for the compiler to have compiled all that a call passes. */
    private static final int CALLS = 30_000;

    private volatile boolean collect;

    private final ConnectionLedger ledger = new ConnectionLedger(
            new Collecting(), SessionInspector.NONE, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS);

    private int collections;

    private long leaksDuringCall;

    @Test
    void aCallThatRunsKeepsItsConnection() throws SQLException {
        assertThatItKeepsItsConnection(connection -> connection, RunningCallTests::use);
    }

    @Test
    void aColumnThatIsReadKeepsTheConnectionOfItsRow() throws SQLException {
        assertThatItKeepsItsConnection(RunningCallTests::rows, RunningCallTests::read);
    }

    @Test
    void aParameterThatIsSetKeepsTheConnectionOfItsStatement() throws SQLException {
        assertThatItKeepsItsConnection(connection -> connection.prepareStatement(""), RunningCallTests::set);
    }

    private interface Opening<T> {
        T open(Connection connection) throws SQLException;
    }

    private interface Using<T> {
        void use(T opened) throws SQLException;
    }

    private <T> void assertThatItKeepsItsConnection(Opening<T> opening, Using<T> using) throws SQLException {
        ledger.start();
        try (Connection connection = ledger.borrow()) {
            T opened = opening.open(connection);
            for (int i = 0; i < CALLS; i++) {
                using.use(opened);
            }
        }
        collect = true;
        using.use(opening.open(ledger.borrow()));
        assertThat(collections).isPositive();
        assertThat(leaksDuringCall).isZero();
        Collector.collect();
        await().until(() -> ledger.snapshot().leaks() == 1);
        ledger.close();
    }

    private static ResultSet rows(Connection connection) throws SQLException {
        return connection.createStatement().executeQuery("");
    }

    private static void read(ResultSet rows) throws SQLException {
        rows.getBoolean(1);
    }

    private static void set(PreparedStatement statement) throws SQLException {
        statement.setLong(1, 1);
    }

    private static void use(Connection connection) throws SQLException {
        connection.isValid(1);
    }

    /** Runs while the borrower's call runs. */
    private boolean collected() {
        if (collect) {
            for (int i = 0; i < 5; i++) {
                Collector.collect();
            }
            collections++;
            leaksDuringCall = ledger.snapshot().leaks();
        }
        return true;
    }

    private final class Collecting implements LendingPool {

        @Override
        public String name() {
            return "collecting";
        }

        @Override
        public Connection lend() {
            return stub(Connection.class);
        }

        private <T> T stub(Class<T> type) {
            return type.cast(Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "isValid", "getBoolean" -> collected();
                        case "setLong" -> {
                            collected();
                            yield null;
                        }
                        case "prepareStatement" -> stub(PreparedStatement.class);
                        case "createStatement" -> stub(Statement.class);
                        case "executeQuery" -> stub(ResultSet.class);
                        default -> StubPool.Defaults.of(method.getReturnType());
                    }));
        }

        @Override
        public void evict(Connection connection) {}

        @Override
        public PoolCounts counts() {
            return new PoolCounts(0, 0, 0, 0, 1);
        }
    }
}
