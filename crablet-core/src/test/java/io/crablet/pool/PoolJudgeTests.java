package io.crablet.pool;

import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.idleInTransaction;
import static io.crablet.pool.Borrows.ledger;
import static io.crablet.pool.Borrows.server;
import static io.crablet.pool.Borrows.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolJudgeTests {

    private static final PoolCounts FULL = new PoolCounts(50, 0, 50, 12, 50);

    @Test
    void theCauseThatHoldsMostOfTheConnectionsIsNamedWithItsSite() {
        List<BorrowedConnection> borrowed = new ArrayList<>(borrow(1).times(28));
        borrowed.addAll(borrow(1).site("Import.run").times(3));
        borrowed.addAll(borrow(2).idle(Duration.ZERO).times(19));

        Verdict verdict = judge(borrowed, server(idleInTransaction(1)), PoolRates.NONE);

        assertThat(verdict.cause()).isEqualTo(VerdictCause.IDLE_IN_TRANSACTION);
        assertThat(verdict.message())
                .startsWith("31 of 50 connections are idle in transaction, 28 of them borrowed by"
                        + " shop.Orders.load(Orders.java:7). The oldest has been held for 42 s: Backend 1 has been idle"
                        + " in transaction for 40 s");
    }

    @Test
    void ofManyThatWaitForOneLockItsHolderIsNamed() {
        List<BorrowedConnection> borrowed =
                new ArrayList<>(borrow(1).executing(Duration.ofSeconds(9)).times(49));
        borrowed.add(borrow(2).site("Import.run").build());

        Verdict verdict = judge(borrowed, server(waiting(1, 2), idleInTransaction(2)), PoolRates.NONE);

        assertThat(verdict.cause()).isEqualTo(VerdictCause.WAITING_FOR_LOCK);
        assertThat(verdict.message())
                .startsWith("49 of 50 connections wait for a lock, all borrowed by shop.Orders.load(Orders.java:7).")
                .contains("backend 2, borrowed 42 s ago by shop.Import.run(Import.java:7)");
    }

    @Test
    void aCauseThatHoldsLessThanHalfIsNotBlamed() {
        List<BorrowedConnection> borrowed = new ArrayList<>(borrow(1).times(24));
        borrowed.addAll(borrow(2).idle(Duration.ZERO).times(26));

        assertThat(judge(borrowed, server(idleInTransaction(1)), rates(120, 400))
                        .cause())
                .isEqualTo(VerdictCause.TOO_MUCH_LOAD);
    }

    @Test
    void aLoadThatTakesThePoolIsNobodysFault() {
        Verdict verdict = judge(borrow(1).idle(Duration.ZERO).times(50), null, rates(120, 400));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.TOO_MUCH_LOAD);
        assertThat(verdict.message())
                .isEqualTo("Healthy but busy, with no single culprit: 120 borrows/s, each held for 400 ms, take 48 of"
                        + " 50 connections. 50 are in use now, all borrowed by shop.Orders.load(Orders.java:7). Hold"
                        + " connections for a shorter time, or raise maximum-pool-size if the server has room.");
    }

    @Test
    void aLoadThatDoesNotTakeThePoolIsNotBlamed() {
        Verdict verdict = judge(borrow(1).times(50), null, rates(12, 400));

        assertThat(verdict.cause()).isEqualTo(VerdictCause.UNKNOWN);
        assertThat(verdict.message())
                .startsWith("No single cause holds the connections, nor does the load: 12 borrows/s, each held for"
                        + " 400 ms, take 4.8 of 50 connections.");
    }

    @Test
    void withoutRatesThereIsNoVerdictOnTheLoad() {
        Verdict verdict = judge(borrow(1).times(50), null, PoolRates.NONE);

        assertThat(verdict.cause()).isEqualTo(VerdictCause.UNKNOWN);
        assertThat(verdict.message()).contains("too few came back").contains("shop.Orders.load(Orders.java:7)");
        assertThat(judge(List.of(), null, PoolRates.NONE).cause()).isEqualTo(VerdictCause.UNKNOWN);
    }

    private static Verdict judge(List<BorrowedConnection> borrowed, ServerSnapshot server, PoolRates rates) {
        LedgerSnapshot ledger = ledger(borrowed.toArray(new BorrowedConnection[0]));
        return new Verdicts(ledger, Map.of(), server, VerdictLimits.DEFAULTS).ofPool(FULL, rates);
    }

    private static PoolRates rates(int perSecond, int heldMillis) {
        long returns = perSecond * 10L;
        return new PoolRates(
                Duration.ofSeconds(10),
                returns,
                returns,
                Duration.ofMillis(heldMillis).multipliedBy(returns),
                0,
                12,
                0,
                50,
                Duration.ofSeconds(10),
                Map.of(),
                Duration.ZERO);
    }
}
