package io.crablet.pool;

import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.counters;
import static io.crablet.pool.Borrows.idleInTransaction;
import static io.crablet.pool.Borrows.ledger;
import static io.crablet.pool.Borrows.server;
import static io.crablet.pool.Borrows.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.crablet.pool.DatabaseAnswer.Answered;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolMonitorTests {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(START);

    private final FakeGauge first = new FakeGauge("first");

    private final FakeGauge second = new FakeGauge("second");

    private PoolMonitor monitor = monitor(HealthLimits.DEFAULTS, now::get);

    @AfterEach
    void stop() {
        monitor.close();
    }

    @Test
    void aPoolGoesOutOfServiceAndComesBack() {
        first.counts = new PoolCounts(10, 0, 10, 50, 10);
        assertThat(healthAt(0).outOfService()).isFalse();
        assertThat(healthAt(5).outOfService()).isTrue();

        first.counts = new PoolCounts(10, 10, 0, 0, 10);
        assertThat(healthAt(6).outOfService()).isTrue();
        assertThat(healthAt(11))
                .extracting(PoolHealth::state, PoolHealth::outOfService)
                .containsExactly(PoolState.HEALTHY, false);
    }

    @Test
    void poolsDoNotMindEachOther() {
        first.counts = new PoolCounts(10, 0, 10, 50, 10);

        assertThat(monitor.health("first").state()).isEqualTo(PoolState.EXHAUSTED);
        assertThat(monitor.health("second").state()).isEqualTo(PoolState.HEALTHY);
    }

    @Test
    void anUnknownPoolIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.health("third"))
                .withMessage("There is no pool third, only [first, second]");
    }

    @Test
    void eachChangeOfStateIsLoggedOnceWithTheFigures() {
        monitor = monitor(new HealthLimits(80, Duration.ofMinutes(1), Duration.ZERO), InstantSource.system());
        try (StatsLog log = new StatsLog(Level.INFO)) {
            monitor.start();
            first.counts = new PoolCounts(10, 0, 10, 50, 10);
            await().until(() -> log.lines().size() == 1);
            first.counts = new PoolCounts(10, 10, 0, 0, 10);
            await().until(() -> log.lines().size() == 2);

            assertThat(log.lines().get(0))
                    .startsWith("WARN Pool first is exhausted: All 10 connections are in use: 50 callers wait, for ")
                    .endsWith("(total=10 idle=0 active=10 waiting=50 max=10)");
            assertThat(log.lines().get(1))
                    .isEqualTo("INFO Pool first is healthy: 0 of 10 connections are in use."
                            + " (total=10 idle=10 active=0 waiting=0 max=10)");
        }
    }

    @Test
    void aPoolThatCannotBeReadIsLookedAtAgain() {
        monitor = monitor(HealthLimits.DEFAULTS, InstantSource.system());
        try (StatsLog log = new StatsLog(Level.INFO)) {
            first.broken = true;
            monitor.start();
            await().until(() ->
                    log.lines().contains("WARN Pool first could not be looked at; trying again in a second"));
            first.counts = new PoolCounts(10, 1, 9, 0, 10);
            first.broken = false;
            await().until(() -> log.lines().stream().anyMatch(line -> line.startsWith("WARN Pool first is busy")));
        }
    }

    @Test
    void anErrorDoesNotEndTheWatch() {
        monitor = monitor(HealthLimits.DEFAULTS, InstantSource.system());
        try (StatsLog log = new StatsLog(Level.INFO)) {
            first.outOfMemory = true;
            monitor.start();
            await().until(() ->
                    log.lines().contains("WARN Pool first could not be looked at; trying again in a second"));
            first.counts = new PoolCounts(10, 1, 9, 0, 10);
            first.outOfMemory = false;
            await().until(() -> log.lines().stream().anyMatch(line -> line.startsWith("WARN Pool first is busy")));
        }
    }

    @Test
    void oneThreadLooksAtAllPoolsAndEndsWhenStopped() {
        monitor.start();
        monitor.start();
        await().until(() -> threads() == 1);
        monitor.close();
        await().until(() -> threads() == 0);
        monitor.start();
        await().until(() -> threads() == 1);
    }

    @Test
    void healthReadsTheLedgerOnceInAMomentAndALookAlways() {
        AtomicInteger reads = new AtomicInteger();
        monitor = watching(() -> {
            reads.incrementAndGet();
            return ledger(borrow(1).grade(BorrowGrade.SUSPECT).build());
        });

        assertThat(healthAt(0).borrows()).isEqualTo(new PoolHealth.Borrows(Duration.ofSeconds(42), 1, 0));
        now.set(START.plusMillis(199));
        monitor.health("first");
        assertThat(reads).hasValue(1);

        assertThat(monitor.look("first").ledger().borrowed()).hasSize(1);
        assertThat(reads).hasValue(2);
        healthAt(2);
        assertThat(reads).hasValue(3);
    }

    @Test
    void aLookJudgesItsOwnLedgerByTheSessionsThatWereSeenBefore() {
        ServerSnapshot server = server(waiting(1, 2), idleInTransaction(2));
        monitor = new PoolMonitor(
                List.of(
                        watched(
                                first,
                                borrow(1).executing(Duration.ofSeconds(9)).alone(),
                                server,
                                "db"),
                        watched(second, borrow(2).site("Import.run").alone(), null, "db"),
                        watched(
                                new FakeGauge("third"),
                                borrow(2).site("Other.run").alone(),
                                null,
                                "other")),
                HealthLimits.DEFAULTS,
                now::get);
        PoolLook look = monitor.look("first");

        assertThat(look.server()).isEqualTo(server);
        Verdict verdict = look.verdicts().of(look.ledger().borrowed().get(0));
        assertThat(verdict.cause()).isEqualTo(VerdictCause.WAITING_FOR_LOCK);
        assertThat(verdict.message()).contains("backend 2, borrowed 42 s ago from pool second by shop.Import.run");
    }

    @Test
    void theOtherPoolsAreReadAfterTheServerWasAsked() {
        List<String> order = new ArrayList<>();
        DatabaseAnswer answer = new Answered(START, Duration.ofMillis(1), "PostgreSQL", "17", server(waiting(1, 2)));
        monitor = new PoolMonitor(
                List.of(
                        new WatchedPool(
                                first,
                                () -> {
                                    order.add("server");
                                    return answer;
                                },
                                false,
                                () -> ledger(borrow(1).build()),
                                "db"),
                        new WatchedPool(
                                second,
                                () -> answer,
                                false,
                                () -> {
                                    order.add("second");
                                    return ledger(borrow(2).build());
                                },
                                "db")),
                HealthLimits.DEFAULTS,
                now::get);

        monitor.look("first");
        monitor.health("first");

        assertThat(order).startsWith("server", "second");
    }

    @Test
    void ratesAreThoseOfTheLooks() {
        AtomicLong borrows = new AtomicLong();
        monitor = watching(
                () -> counters(START, borrows.addAndGet(30), borrows.get(), Duration.ofSeconds(borrows.get()), 0));

        assertThat(monitor.rates("first")).isEqualTo(PoolRates.NONE);
        healthAt(0);
        healthAt(1);
        healthAt(2);
        assertThat(monitor.rates("first").borrowsPerSecond()).isEqualTo(30);
        assertThat(monitor.rates("first").meanHeld()).isEqualTo(Duration.ofSeconds(1));
        assertThat(monitor.look("first").rates()).isEqualTo(monitor.rates("first"));
    }

    @Test
    void theTimelineIsWhatTheMonitorSawByItselfAndNotWhatOthersAskedFor() {
        monitor.look("first");
        healthAt(4);
        now.set(START.plusSeconds(5));
        assertThat(monitor.timeline("first").steps()).isEmpty();

        first.counts = new PoolCounts(10, 3, 7, 0, 10);
        monitor.start();
        await().untilAsserted(() -> {
            now.set(now.get().plusSeconds(1));
            assertThat(monitor.timeline("first").steps())
                    .isNotEmpty()
                    .first()
                    .isEqualTo(new PoolTimeline.Step(7, 0, null, null));
        });
        assertThat(monitor.timeline("second").steps()).first().isEqualTo(new PoolTimeline.Step(0, 0, 0, null));
    }

    @Test
    void healthIsQuickWith300BorrowedConnections() {
        first.counts = new PoolCounts(300, 0, 300, 50, 300);
        BorrowedConnection[] borrowed = new BorrowedConnection[300];
        ServerSession[] sessions = new ServerSession[300];
        for (int i = 0; i < borrowed.length; i++) {
            borrowed[i] = borrow(i + 1)
                    .site("Site" + i + ".run")
                    .grade(BorrowGrade.SUSPECT)
                    .build();
            sessions[i] = idleInTransaction(i + 1);
        }
        monitor = new PoolMonitor(
                List.of(watched(first, ledger(borrowed), server(sessions), "db")), HealthLimits.DEFAULTS, now::get);
        for (int second = 0; second < 100; second++) {
            healthAt(second);
        }
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            long start = System.nanoTime();
            monitor.health("first");
            micros.add((System.nanoTime() - start) / 1000);
        }
        Collections.sort(micros);
        System.out.println("health of 300 borrowed connections: median " + micros.get(500) + " µs, p99 "
                + micros.get(990) + " µs");
        assertThat(micros.get(500)).isLessThan(2000);
    }

    private PoolMonitor watching(Supplier<LedgerSnapshot> ledger) {
        return new PoolMonitor(
                List.of(new WatchedPool(first, DatabaseAnswer.NotAsked::new, false, ledger)),
                HealthLimits.DEFAULTS,
                now::get);
    }

    private static WatchedPool watched(
            FakeGauge gauge, LedgerSnapshot ledger, ServerSnapshot server, String serverName) {
        DatabaseAnswer answer = new Answered(START, Duration.ofMillis(1), "PostgreSQL", "17", server);
        return new WatchedPool(gauge, () -> answer, false, () -> ledger, serverName);
    }

    private PoolMonitor monitor(HealthLimits limits, InstantSource clock) {
        return new PoolMonitor(List.of(new WatchedPool(first), new WatchedPool(second)), limits, clock);
    }

    private PoolHealth healthAt(int second) {
        now.set(START.plusSeconds(second));
        return monitor.health("first");
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crablet-pool-monitor"))
                .count();
    }
}
