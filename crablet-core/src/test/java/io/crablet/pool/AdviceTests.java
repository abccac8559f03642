package io.crablet.pool;

import static io.crablet.pool.Borrows.NOW;
import static io.crablet.pool.Borrows.at;
import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.idleInTransaction;
import static io.crablet.pool.Borrows.ledger;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AdviceTests {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final String SITE = "shop.Orders.load(Orders.java:7)";

    @Test
    void withoutDataThereIsNone() {
        assertThat(advice(50, ledger(), PoolRates.NONE, null)).isEmpty();
        assertThat(advice(50, ledger(borrow(1).build()), rates(19, 60_000, 12, 50), null))
                .isEmpty();
    }

    @Test
    void aPoolThatFitsItsLoadNeedsNone() {
        assertThat(advice(50, ledger(), rates(7200, 100, 0, 12), server(40))).isEmpty();
    }

    @Test
    void aPoolThatIsTooSmallForItsLoadIsToldTheSum() {
        String load = "120 borrows/s, each held for 400 ms, take 48 of 50 connections, and 12 callers wait on average:"
                + " the pool is too small for the load. Hold connections for a shorter time";
        assertThat(advice(50, ledger(), rates(7200, 400, 12, 50), server(60)))
                .containsExactly(load + ", or set maximum-pool-size to 58 or so: the server has room, 60 of its 97"
                        + " unreserved connections are open.");
        assertThat(advice(50, ledger(), rates(7200, 400, 12, 50), server(83)))
                .containsExactly(load + ", and set maximum-pool-size to 54: the load needs 58 or so, but the server has"
                        + " no room for more: 83 of its 97 unreserved connections are open.");
        assertThat(advice(50, ledger(), rates(7200, 400, 12, 50), server(95)).get(0))
                .isEqualTo(
                        load + ": the load needs 58 connections or so, and the server has no room for more: 95 of its"
                                + " 97 unreserved connections are open.");
        assertThat(advice(50, ledger(), rates(7200, 400, 12, 50), null))
                .containsExactly(load + ", or set maximum-pool-size to 58 or so, if the server has room.");
    }

    @Test
    void aQueueThatGrowsIsLoadAndNotASize() {
        PoolRates rates = new PoolRates(
                MINUTE, 600, 600, Duration.ofSeconds(600), 0, 300, 600, 10, MINUTE, Map.of(), Duration.ZERO);

        assertThat(rates.offered()).isEqualTo(20);
        assertThat(advice(10, ledger(), rates, null).get(0)).contains("set maximum-pool-size to 24 or so");
    }

    @Test
    void aPoolIsNotTooLargeForHavingHadAQuietMinute() {
        PoolRates rates = new PoolRates(
                MINUTE,
                2400,
                2400,
                Duration.ofSeconds(168),
                0,
                0,
                0,
                12,
                Duration.ofMinutes(59),
                Map.of(),
                Duration.ZERO);

        assertThat(advice(300, ledger(), rates, null)).isEmpty();
    }

    @Test
    void callersThatWaitForAPoolThatTheLoadDoesNotTakeAreNoReasonToEnlargeIt() {
        assertThat(advice(50, ledger(), rates(600, 400, 12, 50), null)).isEmpty();
    }

    @Test
    void aPoolThatIsFarTooLargeIsToldWhatIsEnough() {
        assertThat(advice(300, ledger(), rates(2400, 70, 0, 12), null))
                .containsExactly("40 borrows/s, each held for 70 ms, take 2.8 of 300 connections, and no more than 12"
                        + " were in use at once in the last 2 h: if that is the usual load, a maximum-pool-size of 24"
                        + " is enough.");
        assertThat(advice(60, ledger(), rates(2400, 70, 0, 12), null)).isEmpty();
        assertThat(advice(20, ledger(), rates(2400, 70, 0, 1), null)).isEmpty();
    }

    @Test
    void theSiteThatHoldsMostOfTheTimeIsNamed() {
        PoolRates rates = held(25);

        assertThat(advice(50, ledger(), rates, null))
                .containsExactly(
                        SITE + " holds 80 % of all connection time, 20 of 50 connections on average in the last"
                                + " 60 s: shorten what it does while it holds one.");
        assertThat(advice(100, ledger(), rates, null)).isEmpty();
    }

    @Test
    void aSiteIsComparedWithAllThatIsHeldAndNotWithTheSitesThatAreKept() {
        assertThat(advice(50, ledger(), held(45), null)).isEmpty();
    }

    private static PoolRates held(int heldByAll) {
        return new PoolRates(
                MINUTE,
                600,
                600,
                MINUTE,
                0,
                0,
                0,
                30,
                MINUTE,
                Map.of(SITE, MINUTE.multipliedBy(20), "shop.Import.run(Import.java:7)", MINUTE.multipliedBy(5)),
                MINUTE.multipliedBy(heldByAll));
    }

    @Test
    void leaksAreCountedBySite() {
        BorrowedConnection leaked = borrow(1).grade(BorrowGrade.LEAKED).build();
        ConnectionLeak other =
                leak(borrow(2).grade(BorrowGrade.LEAKED).site("Import.run").build());
        ConnectionLeak overdue =
                leak(borrow(3).grade(BorrowGrade.SUSPECT).site("Report.run").build());
        ConnectionLeak old = new ConnectionLeak(
                NOW.minusSeconds(3601),
                borrow(4).grade(BorrowGrade.LEAKED).site("Report.run").build(),
                ConnectionLeak.Outcome.RETURNED);

        assertThat(advice(
                        50,
                        new LedgerSnapshot(
                                NOW,
                                List.of(leaked),
                                9,
                                8,
                                MINUTE,
                                Duration.ZERO,
                                7,
                                6,
                                1,
                                0,
                                0,
                                List.of(leak(leaked), other, overdue, old),
                                List.of(),
                                List.of()),
                        PoolRates.NONE,
                        null))
                .containsExactly(
                        SITE
                                + " borrowed 2 of the 3 connections found forgotten in the last 60 min (7 since the start): close what"
                                + " it borrows there, with try-with-resources.",
                        "shop.Import.run(Import.java:7) borrowed 1 of the 3 connections found forgotten in the last 60 min (7"
                                + " since the start): close what it borrows there, with try-with-resources.");
    }

    @Test
    void timeoutsNameWhoHeldMost() {
        BorrowTimeout timeout = new BorrowTimeout(
                NOW,
                Duration.ofSeconds(30),
                "http-1",
                null,
                null,
                at("Orders.load"),
                List.of(new HolderGroup(SITE, 31, Duration.ofSeconds(42), List.of())));
        PoolRates rates = new PoolRates(MINUTE, 0, 0, Duration.ZERO, 7, 12, 0, 50, MINUTE, Map.of(), Duration.ZERO);
        LedgerSnapshot ledger = new LedgerSnapshot(
                NOW, List.of(), 9, 8, MINUTE, Duration.ZERO, 0, 0, 0, 7, 0, List.of(), List.of(timeout), List.of());

        assertThat(advice(50, ledger, rates, null))
                .containsExactly("7 callers waited in vain in the last 60 s. When the last one gave up, " + SITE
                        + " had 31 connections, the oldest for 42 s: look there first. A longer connection-timeout would"
                        + " only let them wait longer.");
        assertThat(advice(50, ledger(), rates, null))
                .containsExactly("7 callers waited in vain in the last 60 s. A longer connection-timeout would only let"
                        + " them wait longer.");
        assertThat(advice(50, ledger, PoolRates.NONE, null)).isEmpty();
    }

    @Test
    void secondBorrowsNameBothSitesAndTheSizeThatIsSafe() {
        LedgerSnapshot ledger = new LedgerSnapshot(
                NOW,
                List.of(),
                9,
                8,
                MINUTE,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                3,
                List.of(),
                List.of(),
                List.of(new SecondBorrow(SITE, "shop.Audit.write(Audit.java:7)", 3)));

        assertThat(advice(10, ledger, PoolRates.NONE, null))
                .containsExactly("shop.Audit.write(Audit.java:7) borrowed a second connection 3 times while its thread"
                        + " held one from " + SITE + ". Use one connection for both. Until then n such threads at once"
                        + " need a maximum-pool-size of n + 1: 10 is enough for 9 threads.");
    }

    @Test
    void idleTransactionsAreAReasonForATimeout() {
        assertThat(advice(50, ledger(), PoolRates.NONE, server(40, idleInTransaction(4711))))
                .containsExactly(
                        "1 session of this database is idle in transaction for too long, above all backend 4711"
                                + " of application psql for 39 s: set idle_in_transaction_session_timeout for its role, a little"
                                + " longer than its longest pause, so that the server ends them.");
    }

    @Test
    void idleTransactionsOfOthersAreNotThisPoolsToMend() {
        ServerSession elsewhere = idleInTransaction(4711);
        ServerSession othersHere = session(12, "report");
        ServerSession ours = session(13, "shop");
        Map<Integer, ServerSession> here = Map.of(12, othersHere, 13, ours, 1, session(1, "shop"));

        assertThat(advice(50, ledger(), PoolRates.NONE, server(here, elsewhere)))
                .isEmpty();
        assertThat(advice(50, ledger(borrow(1).build()), PoolRates.NONE, server(here, othersHere)))
                .isEmpty();
        assertThat(advice(50, ledger(borrow(1).build()), PoolRates.NONE, server(here, othersHere, ours, elsewhere))
                        .get(0))
                .startsWith("1 session of this database is idle in transaction for too long, above all backend 13");
    }

    @Test
    void aListThatIsCutOffIsNotTheNumber() {
        ServerSession[] idle = IntStream.rangeClosed(1, ServerSnapshot.MAX_LISTED)
                .mapToObj(Borrows::idleInTransaction)
                .toArray(ServerSession[]::new);

        assertThat(advice(50, ledger(), PoolRates.NONE, server(40, idle)).get(0))
                .startsWith("At least 100 sessions of this database are idle in transaction");
    }

    private static ServerSession session(int pid, String role) {
        return new ServerSession(
                pid,
                "shop",
                role,
                "app",
                "idle in transaction",
                null,
                null,
                MINUTE,
                MINUTE,
                MINUTE,
                null,
                null,
                List.of());
    }

    @Test
    void aServerThatIsNearlyFullIsNamed() {
        assertThat(advice(50, ledger(), PoolRates.NONE, server(88)))
                .containsExactly(
                        "88 of the server's 97 unreserved connections are open: lower the pools that use it, or raise its"
                                + " max_connections, before it refuses new ones.");
        assertThat(advice(50, ledger(), PoolRates.NONE, server(87))).isEmpty();
    }

    @Test
    void theCapacityCheckAndWhatHikariCorrectsArePassedOn() {
        assertThat(Advice.of(
                        new PoolCounts(1, 1, 0, 0, 80),
                        ledger(),
                        PoolRates.NONE,
                        null,
                        "maximum-pool-size lowered from 300 to 80: max_connections 100 - 20 used by others = 80",
                        List.of("keepalive-time 5 ms is below 30000 ms: Hikari turns it off")))
                .containsExactly(
                        "The capacity check says: maximum-pool-size lowered from 300 to 80: max_connections 100 - 20"
                                + " used by others = 80. Set maximum-pool-size to what the server has room for.",
                        "keepalive-time 5 ms is below 30000 ms: Hikari turns it off. Set a value that it accepts.");
    }

    private static List<String> advice(int max, LedgerSnapshot ledger, PoolRates rates, ServerSnapshot server) {
        return Advice.of(new PoolCounts(max, 0, max, 0, max), ledger, rates, server, null, List.of());
    }

    private static PoolRates rates(long returns, int heldMillis, double waiting, int peak) {
        Duration held = Duration.ofMillis(heldMillis).multipliedBy(returns);
        return new PoolRates(
                MINUTE, returns, returns, held, 0, waiting, 0, peak, Duration.ofHours(2), Map.of(), Duration.ZERO);
    }

    private static ServerSnapshot server(int connections, ServerSession... idleInTransaction) {
        return server(
                connections,
                Stream.of(idleInTransaction).collect(Collectors.toMap(ServerSession::pid, Function.identity())),
                idleInTransaction);
    }

    private static ServerSnapshot server(Map<Integer, ServerSession> here, ServerSession... idleInTransaction) {
        return server(40, here, idleInTransaction);
    }

    private static ServerSnapshot server(
            int connections, Map<Integer, ServerSession> here, ServerSession... idleInTransaction) {
        return new ServerSnapshot(
                NOW,
                new ServerSessions(connections, 100, 3, 0, 0, 0, Duration.ZERO, 0),
                Map.of(),
                true,
                null,
                here,
                List.of(),
                List.of(idleInTransaction),
                List.of(),
                List.of());
    }

    private static ConnectionLeak leak(BorrowedConnection connection) {
        return new ConnectionLeak(NOW, connection, ConnectionLeak.Outcome.RETURNED);
    }
}
