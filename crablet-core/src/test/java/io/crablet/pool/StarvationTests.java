package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StarvationTests {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private static final HealthLimits LIMITS = new HealthLimits(80, Duration.ofSeconds(5), Duration.ofSeconds(3));

    private Starvation starvation = Starvation.NONE;

    @Test
    void itLastsOnceItHasGoneOnForTheWholeTime() {
        see(true, 0);
        see(true, 4);
        assertThat(starvation.lasting()).isFalse();

        see(true, 5);
        assertThat(starvation.lasting()).isTrue();
        assertThat(starvation.since()).isEqualTo(START);
    }

    @Test
    void aMomentOfReliefBeforeItLastsBeginsItAnew() {
        see(true, 0);
        see(true, 4);
        see(false, 4);
        see(true, 5);
        see(true, 9);
        assertThat(starvation.lasting()).isFalse();

        see(true, 10);
        assertThat(starvation.lasting()).isTrue();
    }

    @Test
    void aLastingOneEndsOnlyAfterAWhileOfRelief() {
        see(true, 0);
        see(true, 5);
        see(false, 6);
        see(false, 8);
        assertThat(starvation.lasting()).isTrue();
        assertThat(starvation.relieved()).isEqualTo(START.plusSeconds(6));

        see(false, 9);
        assertThat(starvation).isEqualTo(Starvation.NONE);
    }

    @Test
    void aMomentOfStarvationBeginsTheReliefAnew() {
        see(true, 0);
        see(true, 5);
        see(false, 6);
        see(true, 8);
        see(false, 8);
        see(false, 10);
        assertThat(starvation.lasting()).isTrue();
        assertThat(starvation.since()).isEqualTo(START);

        see(false, 11);
        assertThat(starvation.lasting()).isFalse();
    }

    @Test
    void whereCallersAreServedInGoodTimeItNeverLasts() {
        for (int second = 0; second < 100; second++) {
            seeServed(second);
            assertThat(starvation.lasting()).isFalse();
        }
        assertThat(starvation.since()).isEqualTo(START.plusSeconds(94));
    }

    @Test
    void onceTheyAreNoLongerServedItHasLastedAsLongAsIsTolerated() {
        for (int second = 0; second < 100; second++) {
            seeServed(second);
        }
        see(true, 100);
        assertThat(starvation.lasting()).isTrue();
        assertThat(starvation.since()).isEqualTo(START.plusSeconds(94));
    }

    @Test
    void aLastingOneAlsoEndsWhenCallersAreServedAgain() {
        see(true, 0);
        see(true, 5);
        seeServed(6);
        seeServed(8);
        assertThat(starvation.lasting()).isTrue();
        assertThat(starvation.relieved()).isEqualTo(START.plusSeconds(6));

        seeServed(9);
        assertThat(starvation.lasting()).isFalse();
    }

    @Test
    void thatNobodyWaitsIsNoReliefWhileThereIsNothingToGive() {
        see(true, 0);
        see(true, 5);
        for (int second = 6; second < 100; second++) {
            starvation = starvation.next(false, false, false, START.plusSeconds(second), LIMITS);
            assertThat(starvation.lasting()).isTrue();
            assertThat(starvation.relieved()).isNull();
        }
    }

    private void see(boolean starved, int second) {
        starvation = starvation.next(starved, false, !starved, START.plusSeconds(second), LIMITS);
    }

    private void seeServed(int second) {
        starvation = starvation.next(true, true, false, START.plusSeconds(second), LIMITS);
    }
}
