package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DiagnosisTests {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:10Z");

    private static final DatabaseAnswer ANSWERED = new Answered(NOW, Duration.ofMillis(1), "PostgreSQL", "17", null);

    private static final DatabaseAnswer SILENT = new Failed(NOW, DatabaseFailure.CONNECTION, "08001");

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
                .isEqualTo("No caller has waited for 2 s; in service again in 3 s if it stays so."
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
                new Failed(NOW, DatabaseFailure.NO_SLOT, "53300"));

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
                new Failed(NOW, DatabaseFailure.LOGIN, "28P01"));

        assertThat(health.state()).isEqualTo(PoolState.UNREACHABLE);
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

    private static PoolHealth ownAddress(PoolCounts counts) {
        return new Diagnosis(PoolPhase.RUNNING, counts, Starvation.NONE, SILENT, true, HealthLimits.DEFAULTS, NOW)
                .health();
    }

    private static PoolHealth running(PoolCounts counts) {
        return diagnose(PoolPhase.RUNNING, counts, Starvation.NONE, ANSWERED);
    }

    private static PoolHealth diagnose(
            PoolPhase phase, PoolCounts counts, Starvation starvation, DatabaseAnswer answer) {
        return new Diagnosis(phase, counts, starvation, answer, false, HealthLimits.DEFAULTS, NOW).health();
    }
}
