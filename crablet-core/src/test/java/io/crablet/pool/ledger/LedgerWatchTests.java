package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.PoolCounts;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LedgerWatchTests {

    @Test
    void aPoolThatCannotCountDoesNotKeepTheLedgerFromLooking() {
        BlockingQueue<BorrowedConnection> suspects = new LinkedBlockingQueue<>();
        StubPool broken = new StubPool() {
            @Override
            public PoolCounts counts() {
                throw new IllegalStateException("on purpose");
            }
        };
        LedgerSettings settings =
                new LedgerSettings(Duration.ofMillis(1), true, true, null, Set.of(), List.of(), false);
        try (ConnectionLedger ledger =
                new ConnectionLedger(broken, SessionInspector.NONE, BorrowContext.DEFAULT, settings)) {
            ledger.addListener(new LedgerListener() {
                @Override
                public void suspected(BorrowedConnection connection) {
                    suspects.add(connection);
                }
            });
            ledger.start();
            try (Connection connection = ledger.borrow()) {
                assertThat(connection).isNotNull();
                assertThat(suspects.poll(10, TimeUnit.SECONDS)).isNotNull();
            }
        } catch (SQLException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
