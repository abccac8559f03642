package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolCounts;
import java.lang.reflect.Proxy;
import java.sql.Connection;
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

    private long leaksDuringCall;

    @Test
    void aCallThatRunsKeepsItsConnection() throws SQLException {
        ledger.start();
        try (Connection connection = ledger.borrow()) {
            for (int i = 0; i < CALLS; i++) {
                use(connection);
            }
        }
        collect = true;
        use(ledger.borrow());
        assertThat(leaksDuringCall).isZero();
        Collector.collect();
        await().until(() -> ledger.snapshot().leaks() == 1);
        ledger.close();
    }

    @Test
    void aColumnThatIsReadKeepsTheConnectionOfItsRow() throws SQLException {
        ledger.start();
        try (Connection connection = ledger.borrow()) {
            ResultSet rows = rows(connection);
            for (int i = 0; i < CALLS; i++) {
                read(rows);
            }
        }
        collect = true;
        read(rows(ledger.borrow()));
        assertThat(leaksDuringCall).isZero();
        Collector.collect();
        await().until(() -> ledger.snapshot().leaks() == 1);
        ledger.close();
    }

    private static ResultSet rows(Connection connection) throws SQLException {
        return connection.createStatement().executeQuery("");
    }

    private static boolean read(ResultSet rows) throws SQLException {
        return rows.getBoolean(1);
    }

    private static boolean use(Connection connection) throws SQLException {
        return connection.isValid(1);
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
                        case "createStatement" -> stub(Statement.class);
                        case "executeQuery" -> stub(ResultSet.class);
                        default -> StubPool.Defaults.of(method.getReturnType());
                    }));
        }

        /** Runs while the borrower's call runs. */
        private boolean collected() {
            if (collect) {
                for (int i = 0; i < 5; i++) {
                    Collector.collect();
                }
                leaksDuringCall = ledger.snapshot().leaks();
            }
            return true;
        }

        @Override
        public void evict(Connection connection) {}

        @Override
        public PoolCounts counts() {
            return new PoolCounts(0, 0, 0, 0, 1);
        }
    }
}
