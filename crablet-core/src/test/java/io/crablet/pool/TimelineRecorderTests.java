package io.crablet.pool;

import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.ledger;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineRecorderTests {

    /** A multiple of the step. */
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private final TimelineRecorder recorder = new TimelineRecorder();

    @Test
    void nothingIsThereBeforeAStepHasEnded() {
        assertThat(recorder.until(at(0))).isEqualTo(new PoolTimeline(at(0), List.of()));
        see(1, 3, 0);
        assertThat(recorder.until(at(4)).steps()).isEmpty();
        assertThat(recorder.until(at(5)).steps()).hasSize(1);
    }

    @Test
    void aStepKeepsTheMostOfWhatWasSeenInIt() {
        see(0, 2, 0);
        see(1, 9, 40);
        see(4, 1, 0);
        see(5, 1, 0);

        PoolTimeline timeline = recorder.until(at(12));
        assertThat(timeline.end()).isEqualTo(at(10));
        assertThat(timeline.steps()).extracting(PoolTimeline.Step::active).containsExactly(9, 1);
        assertThat(timeline.steps()).extracting(PoolTimeline.Step::waiting).containsExactly(40, 0);
    }

    @Test
    void stepsInWhichNobodyLookedAreGaps() {
        see(0, 1, 0);
        see(20, 2, 0);

        assertThat(actives(33)).containsExactly(1, null, null, null, 2, null);
    }

    @Test
    void onlyTheLastQuarterOfAnHourIsKept() {
        for (int second = 0; second < 3600; second++) {
            see(second, second / 5, 0);
        }

        List<Integer> kept = actives(3600);
        assertThat(kept).hasSize(180).startsWith(540, 541).endsWith(718, 719).isSorted();
        assertThat(actives(3604)).isEqualTo(kept);
    }

    @Test
    void theStepThatHasNotEndedDoesNotTakeThePlaceOfTheOldest() {
        for (int second = 0; second <= 900; second++) {
            see(second, 1 + second / 5, 0);
        }

        assertThat(actives(900)).hasSize(180).startsWith(1);
    }

    @Test
    void afterALongGapWhatWasBeforeIsGone() {
        see(0, 1, 0);
        see(5000, 2, 0);

        assertThat(actives(5005)).containsExactly(2);
        assertThat(actives(9000)).isEmpty();
    }

    @Test
    void aClockThatIsSetBackShowsNothingOfWhatIsInTheFutureNow() {
        see(1000, 7, 0);
        see(10, 1, 0);
        see(15, 2, 0);

        assertThat(actives(20)).containsExactly(1, 2);
    }

    @Test
    void theMeanWaitIsThatOfTheConnectionsLentInTheStep() {
        lent(0, 1_000, Duration.ofHours(1));
        lent(1, 1_001, Duration.ofHours(1).plusMillis(10));
        lent(2, 1_003, Duration.ofHours(1).plusMillis(70));
        lent(5, 1_003, Duration.ofHours(1).plusMillis(70));
        lent(10, 1_004, Duration.ofHours(1).plusMillis(170));

        assertThat(meanWaits(15))
                .map(wait -> wait == null ? null : wait.toNanos())
                .containsExactly(70_000_000L / 3, null, 100_000_000L);
    }

    @Test
    void whatWasLentInAGapBelongsToNoStep() {
        lent(0, 10, Duration.ofSeconds(1));
        lent(10, 20, Duration.ofSeconds(100));
        lent(11, 21, Duration.ofSeconds(101));

        assertThat(meanWaits(15)).containsExactly(null, null, Duration.ofSeconds(1));
    }

    @Test
    void suspectsAreCountedUnlessNobodyRecordsWhoHoldsConnections() {
        BorrowedConnection normal = borrow(1).build();
        BorrowedConnection suspect = borrow(2).grade(BorrowGrade.SUSPECT).build();
        BorrowedConnection leaked = borrow(3).grade(BorrowGrade.LEAKED).build();
        recorder.add(at(0), counts(3, 0), ledger(normal, suspect, leaked));
        recorder.add(at(1), counts(1, 0), ledger(normal));
        recorder.add(at(5), counts(0, 0), ledger());
        recorder.add(at(10), counts(3, 0), ledger());

        assertThat(recorder.until(at(15)).steps())
                .extracting(PoolTimeline.Step::suspects)
                .containsExactly(2, 0, null);
    }

    private void see(int second, int active, int waiting) {
        recorder.add(at(second), counts(active, waiting), ledger());
    }

    private void lent(int second, long borrows, Duration waited) {
        LedgerSnapshot counted = new LedgerSnapshot(
                at(second),
                List.of(),
                borrows,
                0,
                Duration.ZERO,
                waited,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                List.of(),
                List.of());
        recorder.add(at(second), counts(1, 0), counted);
    }

    private List<Integer> actives(int second) {
        return recorder.until(at(second)).steps().stream()
                .map(step -> step == null ? null : step.active())
                .toList();
    }

    private List<Duration> meanWaits(int second) {
        return recorder.until(at(second)).steps().stream()
                .map(step -> step == null ? null : step.meanWait())
                .toList();
    }

    private static PoolCounts counts(int active, int waiting) {
        return new PoolCounts(300, 300 - active, active, waiting, 300);
    }

    private static Instant at(int second) {
        return START.plusSeconds(second);
    }
}
