package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StateChangesTests {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private final StateChanges changes = new StateChanges(Duration.ofSeconds(5));

    @Test
    void aHealthyPoolIsNoNews() {
        assertThat(told(PoolState.HEALTHY, 0)).isFalse();
    }

    @Test
    void aChangeForTheWorseIsToldAtOnceAndOnlyOnce() {
        assertThat(told(PoolState.BUSY, 0)).isTrue();
        assertThat(told(PoolState.BUSY, 1)).isFalse();
        assertThat(told(PoolState.EXHAUSTED, 2)).isTrue();
        assertThat(told(PoolState.EXHAUSTED, 100)).isFalse();
    }

    @Test
    void goingOutOfServiceIsAChange() {
        assertThat(told(PoolState.EXHAUSTED, 0)).isTrue();
        assertThat(changes.worthTelling(health(PoolState.EXHAUSTED, true), START))
                .isTrue();
    }

    @Test
    void aChangeForTheBetterIsToldWhenItHasLasted() {
        assertThat(told(PoolState.EXHAUSTED, 0)).isTrue();
        assertThat(told(PoolState.HEALTHY, 1)).isFalse();
        assertThat(told(PoolState.BUSY, 5)).isFalse();
        assertThat(told(PoolState.HEALTHY, 6)).isTrue();
        assertThat(told(PoolState.HEALTHY, 7)).isFalse();
    }

    @Test
    void aPoolOnTheBrinkDoesNotFillTheLog() {
        int lines = 0;
        for (int second = 0; second < 100; second += 2) {
            lines += told(PoolState.BUSY, second) ? 1 : 0;
            lines += told(PoolState.HEALTHY, second + 1) ? 1 : 0;
        }
        assertThat(lines).isEqualTo(1);
    }

    private boolean told(PoolState state, int second) {
        return changes.worthTelling(health(state, false), START.plusSeconds(second));
    }

    private static PoolHealth health(PoolState state, boolean outOfService) {
        return new PoolHealth(
                state, outOfService, "", new PoolCounts(0, 0, 0, 0, 1), new DatabaseAnswer.NotAsked(), null, null);
    }
}
