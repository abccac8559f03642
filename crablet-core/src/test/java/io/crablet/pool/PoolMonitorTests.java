package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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
    void oneThreadLooksAtAllPoolsAndEndsWhenStopped() {
        monitor.start();
        monitor.start();
        await().until(() -> threads() == 1);
        monitor.close();
        await().until(() -> threads() == 0);
        monitor.start();
        await().until(() -> threads() == 1);
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
