package io.crablet.pool;

import static io.crablet.pool.Borrows.NOW;
import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.counters;
import static io.crablet.pool.Borrows.ledger;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PoolSamplesTests {

    private static final Duration TOLERATED = Duration.ofSeconds(5);

    private static final PoolCounts FULL = new PoolCounts(10, 0, 10, 4, 10);

    private final PoolSamples samples = new PoolSamples();

    @Test
    void ratesAreDifferencesWithinTheLastMinute() {
        for (int second = 0; second <= 100; second++) {
            samples.add(
                    at(second),
                    new PoolCounts(10, 5, second % 6, second % 2 * 4, 10),
                    counters(at(second), 10L * second, 9L * second, Duration.ofSeconds(second), second / 50));
        }
        PoolRates rates = samples.rates();

        assertThat(rates.window()).isEqualTo(Duration.ofMinutes(1));
        assertThat(rates.borrows()).isEqualTo(600);
        assertThat(rates.borrowsPerSecond()).isEqualTo(10);
        assertThat(rates.returns()).isEqualTo(540);
        assertThat(rates.held()).isEqualTo(Duration.ofMinutes(1));
        assertThat(rates.meanHeld()).isEqualTo(Duration.ofNanos(111_111_111));
        assertThat(rates.timeouts()).isEqualTo(2);
        assertThat(rates.waiting()).isBetween(1.9, 2.1);
        assertThat(rates.peakActive()).isEqualTo(5);
    }

    @Test
    void timeIsCountedForTheSiteThatHoldsTheConnection() {
        BorrowedConnection here = borrow(1).build();
        BorrowedConnection there = borrow(2).site("Import.run").build();
        samples.add(at(0), FULL, ledger());
        samples.add(at(1), FULL, ledger(here, here, there));
        samples.add(at(3), FULL, ledger(here));

        assertThat(samples.rates().heldBySite())
                .hasSize(2)
                .containsEntry(here.site(), Duration.ofSeconds(4))
                .containsEntry(there.site(), Duration.ofSeconds(1));
    }

    @Test
    void allThatIsHeldCountsAlsoOfSitesThatAreNotKept() {
        BorrowedConnection[] held = new BorrowedConnection[30];
        for (int i = 0; i < held.length; i++) {
            held[i] = borrow(i + 1).site("Site" + i + ".run").build();
        }
        samples.add(at(0), FULL, ledger());
        samples.add(at(1), FULL, ledger(held));

        assertThat(samples.rates().heldBySite()).hasSize(10);
        assertThat(samples.rates().heldByAll()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theMostInUseIsRememberedForLongerThanTheWindow() {
        samples.add(at(0), new PoolCounts(10, 1, 9, 3, 10), ledger());
        samples.add(at(3600), new PoolCounts(10, 9, 1, 2, 10), ledger());
        samples.add(at(3601), new PoolCounts(10, 9, 1, 7, 10), ledger());

        assertThat(samples.rates().peakActive()).isEqualTo(9);
        assertThat(samples.rates().watched()).isEqualTo(Duration.ofSeconds(3601));
        assertThat(samples.rates().window()).isEqualTo(Duration.ofSeconds(1));
        assertThat(samples.rates().waitingMore()).isEqualTo(5);
    }

    @Test
    void oneLookMeasuresNothing() {
        samples.add(at(0), FULL, ledger());
        samples.add(at(0).plusMillis(499), FULL, ledger());

        assertThat(samples.rates()).isEqualTo(PoolRates.NONE);
        assertThat(progress(1).isEnoughFor(0)).isFalse();
        assertThat(PoolRates.NONE.borrowsPerSecond()).isZero();
        assertThat(PoolRates.NONE.meanHeld()).isZero();
        assertThat(PoolRates.NONE.isEnough()).isFalse();
    }

    @Test
    void whoeverWaitsCanExpectToBeServedIfAsManyWereOfLate() {
        serve(0, 0, 0);
        serve(5, 4, 0);

        assertThat(progress(5).isEnoughFor(4)).isTrue();
        assertThat(progress(5).isEnoughFor(5)).isFalse();
    }

    @Test
    void anOldRateDoesNotCount() {
        serve(0, 0, 0);
        serve(1, 1000, 0);
        serve(6, 1000, 0);

        assertThat(progress(6).isEnoughFor(1)).isFalse();
    }

    @Test
    void oneCallerInVainOutweighsAllThatWereServed() {
        serve(0, 0, 0);
        serve(5, 1000, 1);

        assertThat(progress(5).isEnoughFor(4)).isFalse();
    }

    @Test
    void connectionsThatAreLentAndDoNotComeBackAreNoProgress() {
        samples.add(at(0), FULL, counters(at(0), 0, 0, Duration.ZERO, 0));
        samples.add(at(1), FULL, counters(at(1), 10, 0, Duration.ZERO, 0));

        assertThat(progress(1).isEnoughFor(0)).isFalse();
    }

    @Test
    void whoeverGetsANewConnectionIsServedAsLongAsMoreCanBeOpened() {
        samples.add(at(0), new PoolCounts(20, 0, 20, 40, 60), counters(at(0), 20, 0, Duration.ZERO, 0));
        samples.add(at(1), new PoolCounts(54, 0, 54, 34, 60), counters(at(1), 54, 0, Duration.ZERO, 0));
        assertThat(progress(1).served()).isEqualTo(34);

        samples.add(at(2), new PoolCounts(60, 0, 60, 30, 60), counters(at(2), 60, 0, Duration.ZERO, 0));
        assertThat(progress(2).served()).isZero();
    }

    @Test
    void acrossAGapNothingIsKnown() {
        serve(0, 0, 0);
        serve(8, 1000, 0);

        assertThat(progress(8)).isEqualTo(Progress.NONE);
    }

    private void serve(int second, long served, long timeouts) {
        samples.add(at(second), FULL, counters(at(second), 10 + served, served, Duration.ZERO, timeouts));
    }

    private Progress progress(int second) {
        return samples.progress(at(second), TOLERATED);
    }

    private static Instant at(int second) {
        return NOW.plusSeconds(second);
    }
}
