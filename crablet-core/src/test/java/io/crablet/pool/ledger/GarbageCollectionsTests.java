package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolCounts;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GarbageCollectionsTests {

    private final GarbageCollections collections = new GarbageCollections();

    @Test
    void oneComesSomeTimeAfterTheOther() {
        long before = collections.latestNanos();
        boolean first = collections.request();
        boolean second = collections.request();
        assertThat(first).isTrue();
        assertThat(second).isFalse();
        assertThat(collections.latestNanos()).isGreaterThan(before);
        await().until(collections::request);
    }

    @Test
    void theLedgersOfAJvmShareThem() throws Exception {
        long before = GarbageCollections.OF_JVM.latestNanos();
        try (ConnectionLedger ledger = new ConnectionLedger(
                        new ExhaustedPool(), SessionInspector.NONE, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS);
                Connection held = ledger.borrow()) {
            long start = System.nanoTime();
            ledger.start();
            await().until(() -> GarbageCollections.OF_JVM.latestNanos() != before);
            assertThat(held).isNotNull();
            assertThat(GarbageCollections.OF_JVM.latestNanos() - start)
                    .isGreaterThanOrEqualTo(Duration.ofMillis(250).toNanos());
        }
    }

    /** Somebody always waits for it. */
    private static final class ExhaustedPool implements LendingPool {

        private final StubPool stub = new StubPool();

        @Override
        public String name() {
            return "exhausted";
        }

        @Override
        public Connection lend() {
            return stub.lend();
        }

        @Override
        public void evict(Connection connection) {
            stub.evict(connection);
        }

        @Override
        public PoolCounts counts() {
            return new PoolCounts(1, 0, 1, 1, 1);
        }
    }
}
