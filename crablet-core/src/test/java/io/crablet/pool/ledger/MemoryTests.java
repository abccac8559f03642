package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTests {

    @Test
    void manyBorrowsLeaveNothingBehind() throws Exception {
        StubPool stub = new StubPool();
        ConnectionLedger ledger =
                new ConnectionLedger(stub, SessionInspector.NONE, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS);
        List<WeakReference<Object>> samples = new ArrayList<>();
        Connection before = ledger.borrow();
        for (int i = 0; i < 30_000; i++) {
            // Overlapping: each is borrowed while the one before is held.
            Connection next = ledger.borrow();
            before.close();
            before = next;
            if (i % 300 == 0) {
                samples.add(new WeakReference<>(entry(next)));
            }
            stub.forget();
        }
        // Those that nobody has looked at yet.
        ledger.snapshot();
        Collector.collect();
        // The last one is held still: it must not lead to all before it.
        assertThat(samples.stream().filter(sample -> sample.get() != null)).isEmpty();
        before.close();
        assertThat(ledger.snapshot().borrowed()).isEmpty();
        assertThat(ledger.snapshot().borrows()).isEqualTo(30_001);
    }

    private static Object entry(Connection connection) {
        return ((Tracked) connection).borrow();
    }
}
