package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.BorrowedConnection;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Where the borrows are that have not ended, when there are more of them than places, and when many threads want one. */
class PlacesTests {

    /** Remembers nothing, as it is for many threads. */
    private static final class Careless extends StubPool {

        @Override
        public Connection lend() {
            return (Connection) Proxy.newProxyInstance(
                    Connection.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (connection, method, arguments) -> method.getReturnType() == boolean.class ? false : null);
        }
    }

    private final ConnectionLedger ledger =
            new ConnectionLedger(new Careless(), SessionInspector.NONE, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS);

    private List<Long> ids() {
        return ledger.snapshot().borrowed().stream().map(BorrowedConnection::id).toList();
    }

    @Test
    void moreBorrowsThanPlacesAreAllKnown() throws SQLException {
        List<Connection> lent = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            lent.add(ledger.borrow());
        }
        assertThat(ids()).hasSize(700).doesNotHaveDuplicates();
        for (Connection each : lent.subList(0, 600)) {
            each.close();
        }
        assertThat(ids()).hasSize(100);
        for (Connection each : lent.subList(600, 700)) {
            each.close();
        }
        assertThat(ids()).isEmpty();
    }

    @Test
    void threadsTakeNoPlaceFromEachOther() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<List<Connection>>> shares = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                shares.add(threads.submit(this::borrowAndReturnAllButThree));
            }
            List<Connection> kept = new ArrayList<>();
            for (Future<List<Connection>> share : shares) {
                kept.addAll(share.get());
            }
            assertThat(ids()).hasSize(24).doesNotHaveDuplicates();
            for (Connection each : kept) {
                each.close();
            }
            assertThat(ids()).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Connection> borrowAndReturnAllButThree() throws SQLException {
        for (int i = 0; i < 20_000; i++) {
            ledger.borrow().close();
        }
        return List.of(ledger.borrow(), ledger.borrow(), ledger.borrow());
    }
}
