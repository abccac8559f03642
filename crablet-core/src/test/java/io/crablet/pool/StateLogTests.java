package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StateLogTests {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private final StateLog states = new StateLog("orders", Duration.ofSeconds(5));

    @Test
    void exhaustionHasALineForItsBeginningAndOneForItsEndWithEveryFigure() {
        try (StatsLog log = new StatsLog(Level.INFO)) {
            see(PoolState.EXHAUSTED, false, 0);
            see(PoolState.EXHAUSTED, true, 5);
            see(PoolState.HEALTHY, false, 30);
            see(PoolState.HEALTHY, false, 35);

            assertThat(log.lines()).hasSize(3);
            assertThat(log.lines().get(1))
                    .isEqualTo("WARN Pool orders is exhausted and out of service: why"
                            + " (total=10 idle=0 active=10 waiting=3 max=10)");
            assertThat(log.values(0))
                    .containsExactly(
                            entry("event.action", "pool.exhausted"),
                            entry("pool", "orders"),
                            entry("state", "exhausted"),
                            entry("outOfService", false),
                            entry("total", 10),
                            entry("idle", 0),
                            entry("active", 10),
                            entry("waiting", 3),
                            entry("max", 10),
                            entry("oldestBorrowMs", 42_000L),
                            entry("suspects", 2));
            assertThat(log.values(1))
                    .containsEntry("event.action", "pool.exhausted")
                    .containsEntry("outOfService", true)
                    .containsEntry("exhaustedMs", 5_000L);
            assertThat(log.lines().get(2)).startsWith("INFO Pool orders is healthy: why");
            assertThat(log.values(2))
                    .containsEntry("event.action", "pool.exhaustion-ended")
                    .containsEntry("state", "healthy")
                    .containsEntry("exhaustedMs", 35_000L);
        }
    }

    @Test
    void otherChangesAreToldApart() {
        try (StatsLog log = new StatsLog(Level.INFO)) {
            see(PoolState.BUSY, false, 0);
            see(PoolState.LEAKING, false, 1);
            see(PoolState.UNREACHABLE, false, 2);
            see(PoolState.BUSY, false, 3);
            see(PoolState.BUSY, false, 8);

            assertThat(log.lines()).hasSize(4);
            assertThat(log.values(0))
                    .containsEntry("event.action", "pool.state")
                    .containsEntry("state", "busy");
            assertThat(log.values(1))
                    .containsEntry("event.action", "pool.state")
                    .containsEntry("state", "leaking");
            assertThat(log.values(2)).containsEntry("event.action", "pool.unreachable");
            assertThat(log.values(3))
                    .containsEntry("event.action", "pool.state")
                    .doesNotContainKey("exhaustedMs");
        }
    }

    @Test
    void aDatabaseThatIsGoneDoesNotEndTheExhaustion() {
        try (StatsLog log = new StatsLog(Level.INFO)) {
            see(PoolState.EXHAUSTED, true, 0);
            see(PoolState.UNREACHABLE, false, 10);
            see(PoolState.BUSY, false, 20);
            see(PoolState.BUSY, false, 25);

            assertThat(log.values(2))
                    .containsEntry("event.action", "pool.exhaustion-ended")
                    .containsEntry("exhaustedMs", 25_000L);
        }
    }

    private void see(PoolState state, boolean outOfService, int second) {
        PoolHealth health = new PoolHealth(
                state,
                outOfService,
                "why",
                new PoolCounts(10, 0, 10, 3, 10),
                new DatabaseAnswer.NotAsked(),
                new PoolHealth.Borrows(Duration.ofSeconds(42), 2, 0),
                null);
        states.seen(health, START.plusSeconds(second));
    }
}
