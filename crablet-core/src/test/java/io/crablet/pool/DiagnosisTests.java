package io.crablet.pool;

import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.idleInTransaction;
import static io.crablet.pool.Borrows.ledger;
import static io.crablet.pool.Borrows.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DiagnosisTests {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:10Z");

    private static final DatabaseAnswer ANSWERED = new Answered(NOW, Duration.ofMillis(1), "PostgreSQL", "17", null);

    private static final DatabaseAnswer SILENT = new Failed(NOW, DatabaseFailure.CONNECTION, "08001", 2);

    private static final Starvation LASTING = new Starvation(NOW.minusSeconds(7), null, true);

    @Test
    void eightyPercentInUseIsHealthy() {
        PoolHealth health = running(new PoolCounts(10, 2, 8, 0, 10));

        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message()).isEqualTo("8 of 10 connections are in use.");
    }

    @Test
    void moreThanEightyPercentInUseIsBusy() {
        PoolHealth health = running(new PoolCounts(10, 1, 9, 0, 10));

        assertThat(health.state()).isEqualTo(PoolState.BUSY);
        assertThat(health.outOfService()).isFalse();
        assertThat(health.message()).startsWith("9 of 10 connections are in use (90 %, busy above 80 %).");
    }

    @Test
    void callersThatWaitWhileThePoolGrowsMakeItBusy() {
        PoolHealth health = running(new PoolCounts(3, 0, 3, 5, 10));

        assertThat(health.state()).isEqualTo(PoolState.BUSY);
        assertThat(health.message()).isEqualTo("The pool opens more connections, 3 of 10 so far: 5 callers wait.");
    }

    @Test
    void allInUseIsExhaustedButStillInService() {
        PoolHealth health = running(new PoolCounts(10, 0, 10, 0, 10));

        assertThat(health.state()).isEqualTo(PoolState.EXHAUSTED);
        assertThat(health.outOfService()).isFalse();
        assertThat(health.message()).startsWith("All 10 connections are in use: the next caller has to wait.");
    }

    @Test
    void aPoolThatWasMadeSmallerThanItIsSaysBothFigures() {
        assertThat(running(new PoolCounts(50, 0, 50, 0, 10)).message())
                .startsWith("50 connections are in use, more than the 10 that the pool may open now: the next caller");
    }

    @Test
    void callersThatWaitForLongPutItOutOfService() {
        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(10, 0, 10, 50, 10), LASTING, ANSWERED);

        assertThat(health.state()).isEqualTo(PoolState.EXHAUSTED);
        assertThat(health.outOfService()).isTrue();
        assertThat(health.message()).startsWith("All 10 connections are in use and 50 callers wait, for 7 s now.");
    }

    @Test
    void aPoolThatCannotGrowWhileCallersWaitIsExhaustedToo() {
        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(3, 0, 3, 1, 10), LASTING, ANSWERED);

        assertThat(health.state()).isEqualTo(PoolState.EXHAUSTED);
        assertThat(health.outOfService()).isTrue();
        assertThat(health.message())
                .startsWith(
                        "3 of 10 connections are in use and one caller waits, for 7 s now. The pool cannot open more");
    }

    @Test
    void onceRelievedItSaysWhenItIsBackInService() {
        Starvation relieved = new Starvation(NOW.minusSeconds(9), NOW.minusSeconds(2), true);
        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(10, 9, 1, 0, 10), relieved, ANSWERED);

        assertThat(health.outOfService()).isTrue();
        assertThat(health.message())
                .isEqualTo("There has been room again for 2 s; in service again in 3 s if it stays so."
                        + " 1 of 10 connections are in use.");
    }

    @Test
    void aSilentDatabaseIsToldApartFromAnExhaustedPool() {
        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(10, 0, 10, 50, 10), LASTING, SILENT);

        assertThat(health.state()).isEqualTo(PoolState.UNREACHABLE);
        assertThat(health.message())
                .isEqualTo("The database cannot be reached since 2026-01-01T12:00:10Z (no connection, SQLState 08001);"
                        + " 50 callers wait. Check that the server runs and can be reached from here.");
    }

    @Test
    void aServerThatOnlyRefusesTheSideConnectionIsNoReasonToStop() {
        PoolHealth health = diagnose(
                PoolPhase.RUNNING,
                new PoolCounts(10, 5, 5, 0, 10),
                Starvation.NONE,
                new Failed(NOW, DatabaseFailure.NO_SLOT, "53300", 2));

        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message())
                .isEqualTo("5 of 10 connections are in use. The server refuses the watch's own connection"
                        + " (the server has no free connection, SQLState 53300)."
                        + " Lower the pools that use it, or raise its max_connections.");
    }

    @Test
    void anUnreachableAddressOfTheWatchsOwnIsNoReasonToStopWhileThePoolWorks() {
        PoolHealth health = ownAddress(new PoolCounts(10, 5, 5, 0, 10));

        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message())
                .isEqualTo("5 of 10 connections are in use. The watch cannot reach the address of its own"
                        + " (no connection, SQLState 08001). Check that the server runs and can be reached from here.");
        assertThat(ownAddress(new PoolCounts(10, 0, 10, 0, 10)).state()).isEqualTo(PoolState.EXHAUSTED);
    }

    @Test
    void anUnreachableAddressOfTheWatchsOwnCountsWhereThePoolHasNothingToGive() {
        assertThat(ownAddress(new PoolCounts(0, 0, 0, 0, 10)).state()).isEqualTo(PoolState.UNREACHABLE);
        assertThat(ownAddress(new PoolCounts(3, 0, 3, 1, 10)).state()).isEqualTo(PoolState.UNREACHABLE);
    }

    @Test
    void aServerThatRefusesEveryoneIsUnreachable() {
        PoolHealth health = diagnose(
                PoolPhase.RUNNING,
                new PoolCounts(0, 0, 0, 5, 10),
                Starvation.NONE,
                new Failed(NOW, DatabaseFailure.LOGIN, "28P01", 1));

        assertThat(health.state()).isEqualTo(PoolState.UNREACHABLE);
    }

    @Test
    void oneMissedAnswerIsNoReasonToStopWhileThePoolHasConnectionsToGive() {
        DatabaseAnswer missed = new Failed(NOW, DatabaseFailure.TIMEOUT, null, 1);

        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(10, 5, 5, 0, 10), Starvation.NONE, missed);
        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message())
                .isEqualTo("5 of 10 connections are in use. The watch has missed an answer (no answer in time)."
                        + " Check the network and the server's load.");
        assertThat(diagnose(PoolPhase.RUNNING, new PoolCounts(5, 0, 5, 1, 10), Starvation.NONE, missed)
                        .state())
                .isEqualTo(PoolState.UNREACHABLE);
        assertThat(diagnose(PoolPhase.RUNNING, new PoolCounts(0, 0, 0, 0, 10), Starvation.NONE, missed)
                        .state())
                .isEqualTo(PoolState.UNREACHABLE);
    }

    @Test
    void aServerThatIsSlowToAnswerTheWatchIsReachable() {
        DatabaseAnswer slow = new Failed(NOW, DatabaseFailure.SLOW, "57014", 9);

        PoolHealth health = diagnose(PoolPhase.RUNNING, new PoolCounts(10, 5, 5, 0, 10), Starvation.NONE, slow);
        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message())
                .startsWith("5 of 10 connections are in use. The watch got no answer in time"
                        + " (the server is slow to answer, SQLState 57014). Check the server's load");
        assertThat(diagnose(PoolPhase.RUNNING, new PoolCounts(0, 0, 0, 0, 10), Starvation.NONE, slow)
                        .state())
                .isEqualTo(PoolState.HEALTHY);
    }

    @Test
    void aPoolThatHasNotStartedIsHealthyAndSaysSo() {
        PoolHealth health = diagnose(PoolPhase.NOT_STARTED, new PoolCounts(0, 0, 0, 0, 10), Starvation.NONE, ANSWERED);

        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message()).contains("has not started");
    }

    @Test
    void aSuspendedPoolIsOutOfService() {
        PoolHealth health = diagnose(PoolPhase.SUSPENDED, new PoolCounts(2, 2, 0, 0, 10), Starvation.NONE, ANSWERED);

        assertThat(health.state()).isEqualTo(PoolState.EXHAUSTED);
        assertThat(health.outOfService()).isTrue();
        assertThat(health.message()).contains("suspended");
    }

    @Test
    void aClosedPoolIsUnreachable() {
        PoolHealth health = diagnose(PoolPhase.CLOSED, new PoolCounts(0, 0, 0, 0, 10), Starvation.NONE, ANSWERED);

        assertThat(health.state()).isEqualTo(PoolState.UNREACHABLE);
        assertThat(health.message()).contains("closed");
    }

    @Test
    void aPoolThatOpensConnectionsForItsCallersSaysSo() {
        Progress served = new Progress(Duration.ofSeconds(5), Duration.ofSeconds(5), 34, 0);

        PoolHealth health =
                diagnose(new PoolCounts(54, 0, 54, 20, 60), Starvation.NONE, findings(ledger(), null, served));

        assertThat(health.outOfService()).isFalse();
        assertThat(health.message())
                .isEqualTo(
                        "54 of 60 connections are in use and 20 callers wait, but they are served: 34 callers in the last 5 s,"
                                + " none in vain. The pool opens more connections, 54 of 60 so far.");
    }

    @Test
    void aFullPoolThatServesEverybodyInGoodTimeIsOnlyBusy() {
        Progress served = new Progress(Duration.ofSeconds(5), Duration.ofSeconds(5), 240, 0);
        PoolCounts full = new PoolCounts(10, 0, 10, 12, 10);

        PoolHealth health = diagnose(full, Starvation.NONE, findings(ledger(), null, served));

        assertThat(health.state()).isEqualTo(PoolState.BUSY);
        assertThat(health.outOfService()).isFalse();
        assertThat(health.message())
                .startsWith("All 10 connections are in use and 12 callers wait, but connections come back: 240 callers"
                        + " served in the last 5 s, none in vain.");
        assertThat(diagnose(full, LASTING, findings(ledger(), null, served)).outOfService())
                .isTrue();
        assertThat(diagnose(new PoolCounts(10, 0, 10, 0, 10), Starvation.NONE, findings(ledger(), null, served))
                        .message())
                .startsWith("All 10 connections are in use, but connections come back: 240 callers served");
    }

    @Test
    void aFullPoolWithTooLittleProgressIsExhausted() {
        Progress tooSlow = new Progress(Duration.ofSeconds(5), Duration.ofSeconds(5), 11, 0);

        assertThat(diagnose(new PoolCounts(10, 0, 10, 12, 10), Starvation.NONE, findings(ledger(), null, tooSlow))
                        .state())
                .isEqualTo(PoolState.EXHAUSTED);
    }

    @Test
    void anExhaustedPoolNamesTheCulpritWithSiteOperationAndVerdict() {
        LedgerSnapshot ledger =
                ledger(borrow(1).operation("import orders").times(9).toArray(new BorrowedConnection[0]));
        Findings findings = findings(ledger, server(idleInTransaction(1)), Progress.NONE);
        String culprit = "9 of 10 connections are idle in transaction, all borrowed by shop.Orders.load(Orders.java:7)."
                + " The oldest, in operation import orders, has been held for 42 s: Backend 1 has been idle in"
                + " transaction for 40 s";

        assertThat(diagnose(new PoolCounts(10, 0, 10, 50, 10), LASTING, findings)
                        .message())
                .startsWith("All 10 connections are in use and 50 callers wait, for 7 s now. " + culprit);
        assertThat(diagnose(new PoolCounts(10, 0, 10, 0, 10), Starvation.NONE, findings)
                        .message())
                .startsWith("All 10 connections are in use: the next caller has to wait. " + culprit);
    }

    @Test
    void aSuspectIsAWarningThatDoesNotChangeTheState() {
        LedgerSnapshot ledger = ledger(
                borrow(1).grade(BorrowGrade.SUSPECT).build(),
                borrow(2)
                        .grade(BorrowGrade.SUSPECT)
                        .threadEnded()
                        .held(Duration.ofSeconds(41))
                        .operation("import orders")
                        .build(),
                borrow(3).held(Duration.ofMinutes(9)).build());

        PoolHealth health =
                diagnose(new PoolCounts(10, 7, 3, 0, 10), Starvation.NONE, findings(ledger, null, Progress.NONE));

        assertThat(health.state()).isEqualTo(PoolState.HEALTHY);
        assertThat(health.message())
                .startsWith(
                        "3 of 10 connections are in use. 2 connections are held for too long, above all one for 41 s"
                                + " by shop.Orders.load(Orders.java:7) in operation import orders: Thread http-2, which borrowed"
                                + " it, has ended");
        assertThat(health.borrows()).isEqualTo(new PoolHealth.Borrows(Duration.ofMinutes(9), 2, 0));
    }

    @Test
    void aForgottenConnectionMakesThePoolLeaking() {
        LedgerSnapshot ledger =
                ledger(borrow(1).grade(BorrowGrade.LEAKED).build(), borrow(2).build());
        Findings findings = findings(ledger, null, Progress.NONE);

        PoolHealth health = diagnose(new PoolCounts(10, 8, 2, 0, 10), Starvation.NONE, findings);

        assertThat(health.state()).isEqualTo(PoolState.LEAKING);
        assertThat(health.outOfService()).isFalse();
        assertThat(health.message())
                .startsWith(
                        "2 of 10 connections are in use. 1 connection is held for too long, above all one for 42 s by"
                                + " shop.Orders.load(Orders.java:7): Forgotten");
        assertThat(diagnose(new PoolCounts(10, 0, 10, 1, 10), Starvation.NONE, findings)
                        .state())
                .isEqualTo(PoolState.EXHAUSTED);
    }

    @Test
    void aLeakShowsForAMinuteAfterItWasTakenBack() {
        PoolHealth health = diagnose(
                new PoolCounts(10, 10, 0, 0, 10),
                Starvation.NONE,
                findings(reclaimed(8, BorrowGrade.LEAKED), null, Progress.NONE));

        assertThat(health.state()).isEqualTo(PoolState.LEAKING);
        assertThat(health.message())
                .isEqualTo("0 of 10 connections are in use. Forgotten connections were taken back, 3 since the start,"
                        + " the last one 8 s ago: close what shop.Orders.load(Orders.java:7) borrows, with"
                        + " try-with-resources.");
        assertThat(health.borrows()).isEqualTo(new PoolHealth.Borrows(Duration.ZERO, 0, 3));
        assertThat(findings(reclaimed(60, BorrowGrade.LEAKED), null, Progress.NONE)
                        .leaking())
                .isFalse();
        assertThat(findings(reclaimed(8, BorrowGrade.SUSPECT), null, Progress.NONE)
                        .leaking())
                .isFalse();
    }

    @Test
    void whoHoldsTheAppendLockIsToldAndIsAWarningWhenItStallsTheAppends() {
        PoolHealth health =
                withAppendLock(new AppendLock("shop", 4711, Duration.ofSeconds(42), Duration.ofSeconds(40), 12));

        assertThat(health.appendLock())
                .isEqualTo(
                        "The append lock of the event log in schema shop has been held for at most 43 s by backend 4711, borrowed"
                                + " 42 s ago by shop.Orders.load(Orders.java:7), thread http-4711, idle in transaction for 41 s;"
                                + " 12 appends wait.");
        assertThat(health.message())
                .isEqualTo("1 of 10 connections are in use. " + health.appendLock()
                        + " End that transaction, or terminate backend 4711.");

        assertThat(withAppendLock(new AppendLock("shop", 4711, Duration.ofSeconds(5), null, 1))
                        .message())
                .contains("has been held for at most 6 s by backend 4711")
                .contains("; 1 append waits. End that transaction");
    }

    @Test
    void anAppendLockThatIsHeldAsItShouldIsNoWarning() {
        PoolHealth health =
                withAppendLock(new AppendLock("shop", 4711, Duration.ofMillis(20), Duration.ofMillis(3), 2));

        assertThat(health.message()).isEqualTo("1 of 10 connections are in use.");
        assertThat(health.appendLock())
                .contains("at most 1 s")
                .endsWith("idle in transaction for 1 s; 2 appends wait.");
        assertThat(withAppendLock(new AppendLock("shop", 4711, Duration.ofMinutes(1), null, 0))
                        .message())
                .isEqualTo("1 of 10 connections are in use.");
        assertThat(withAppendLock(new AppendLock("shop", 4711, null, null, 2)).appendLock())
                .startsWith("The append lock of the event log in schema shop is held by backend 4711");
    }

    @Test
    void anAppendLockOfAPreparedTransactionSaysHowToEndIt() {
        assertThat(withAppendLock(new AppendLock("shop", 0, Duration.ofMinutes(1), null, 3))
                        .message())
                .endsWith("has been held for at most 61 s by a prepared transaction; 3 appends wait."
                        + " End it with COMMIT PREPARED or ROLLBACK PREPARED.");
    }

    @Test
    void ofSeveralAppendLocksTheOneThatStallsIsTold() {
        PoolHealth health = withAppendLock(
                new AppendLock("shop", 1, Duration.ofMinutes(1), null, 0),
                new AppendLock("shop", 2, Duration.ofSeconds(9), Duration.ofSeconds(9), 0),
                new AppendLock("shop", 3, Duration.ofMillis(1), null, 9));

        assertThat(health.appendLock()).contains("by backend 2");
        assertThat(withAppendLock().appendLock()).isNull();
    }

    @Test
    void withoutALedgerItTellsNothingOfBorrows() {
        assertThat(running(new PoolCounts(10, 2, 8, 0, 10)).borrows()).isNull();
        assertThat(running(new PoolCounts(10, 2, 8, 0, 10)).appendLock()).isNull();
    }

    private static LedgerSnapshot reclaimed(int secondsAgo, BorrowGrade grade) {
        BorrowedConnection taken = borrow(1).grade(grade).build();
        ConnectionLeak leak =
                new ConnectionLeak(Borrows.NOW.minusSeconds(secondsAgo), taken, ConnectionLeak.Outcome.RETURNED);
        return new LedgerSnapshot(
                Borrows.NOW,
                List.of(),
                9,
                9,
                Duration.ZERO,
                Duration.ZERO,
                3,
                3,
                0,
                0,
                0,
                List.of(leak),
                List.of(),
                List.of());
    }

    @Test
    void theHolderOfAnAppendLockThatHasGoneOnSinceIsNotToBeTerminated() {
        PoolHealth health = withAppendLock(
                borrow(4711).idle(Duration.ofMillis(5)).build(),
                new AppendLock("shop", 4711, Duration.ofSeconds(42), Duration.ofSeconds(40), 12));

        assertThat(health.message())
                .endsWith("was held, when the server was asked 1 s ago, by backend 4711, borrowed 42 s ago by"
                        + " shop.Orders.load(Orders.java:7), thread http-4711, who may have used the connection since; 12"
                        + " appends wait. Look again to see who holds it now.");
    }

    private static PoolHealth withAppendLock(AppendLock... locks) {
        return withAppendLock(borrow(4711).build(), locks);
    }

    private static PoolHealth withAppendLock(BorrowedConnection holder, AppendLock... locks) {
        ServerSnapshot empty = server();
        ServerSnapshot server = new ServerSnapshot(
                empty.takenAt(),
                empty.counts(),
                empty.byState(),
                true,
                null,
                empty.sessions(),
                List.of(),
                List.of(),
                List.of(),
                List.of(locks));
        return diagnose(
                new PoolCounts(10, 9, 1, 0, 10), Starvation.NONE, findings(ledger(holder), server, Progress.NONE));
    }

    private static Findings findings(LedgerSnapshot ledger, ServerSnapshot server, Progress progress) {
        Verdicts verdicts = new Verdicts(ledger, Map.of(), server, VerdictLimits.DEFAULTS);
        return new Findings(ledger, server, verdicts, PoolRates.NONE, progress);
    }

    private static PoolHealth diagnose(PoolCounts counts, Starvation starvation, Findings findings) {
        return new Diagnosis(
                        PoolPhase.RUNNING, counts, starvation, ANSWERED, false, HealthLimits.DEFAULTS, findings, NOW)
                .health();
    }

    private static PoolHealth ownAddress(PoolCounts counts) {
        return new Diagnosis(
                        PoolPhase.RUNNING,
                        counts,
                        Starvation.NONE,
                        SILENT,
                        true,
                        HealthLimits.DEFAULTS,
                        Findings.none(NOW),
                        NOW)
                .health();
    }

    private static PoolHealth running(PoolCounts counts) {
        return diagnose(PoolPhase.RUNNING, counts, Starvation.NONE, ANSWERED);
    }

    private static PoolHealth diagnose(
            PoolPhase phase, PoolCounts counts, Starvation starvation, DatabaseAnswer answer) {
        return new Diagnosis(phase, counts, starvation, answer, false, HealthLimits.DEFAULTS, Findings.none(NOW), NOW)
                .health();
    }
}
