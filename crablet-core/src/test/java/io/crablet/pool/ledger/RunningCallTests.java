package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolCounts;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
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
            return (Connection) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("isValid")) {
                            return collected();
                        }
                        return StubPool.Defaults.of(method.getReturnType());
                    });
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
