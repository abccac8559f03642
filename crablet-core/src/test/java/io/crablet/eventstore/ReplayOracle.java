package io.crablet.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Judges afterwards whether the attempts to append and the log that they left fit together: the log is what the accepted
 * ones wrote, one after the other; each accepted one's condition held at its place; each refused one's was violated.
 */
public final class ReplayOracle {

    private final List<SequencedEvent> log;

    private ReplayOracle(List<SequencedEvent> log) {
        this.log = log;
    }

    /**
     * Checks a whole log.
     *
     * @param log all events in the order of their positions
     * @param attempts everything that was tried, in any order
     */
    public static void check(List<SequencedEvent> log, List<Attempt> attempts) {
        ReplayOracle oracle = new ReplayOracle(log);
        oracle.checkGapless();
        oracle.checkEachEventIsOfOneAttempt(attempts);
        for (Attempt attempt : attempts) {
            if (attempt.isAccepted()) {
                oracle.checkHeld(attempt);
            } else {
                oracle.checkViolated(attempt);
            }
        }
    }

    private void checkGapless() {
        for (int i = 0; i < log.size(); i++) {
            assertThat(log.get(i).position()).as("gapless positions").isEqualTo(i + 1);
        }
    }

    private void checkEachEventIsOfOneAttempt(List<Attempt> attempts) {
        Set<Long> claimed = new HashSet<>();
        for (Attempt attempt : attempts) {
            AppendResult result = attempt.result();
            if (result == null) {
                continue;
            }
            List<Event> events = attempt.request().events();
            assertThat(result.lastPosition() - result.firstPosition() + 1)
                    .as("number of positions given to %s", attempt)
                    .isEqualTo(events.size());
            for (int i = 0; i < events.size(); i++) {
                long position = result.firstPosition() + i;
                assertThat(claimed.add(position))
                        .as("position %d is given once", position)
                        .isTrue();
                assertThat(at(position).event()).as("event at %d", position).isEqualTo(events.get(i));
            }
        }
        assertThat(claimed).as("positions given by accepted appends").hasSize(log.size());
    }

    private void checkHeld(Attempt attempt) {
        AppendCondition condition = attempt.request().condition();
        if (condition == null) {
            return;
        }
        long first = attempt.result().firstPosition();
        assertThat(condition.after()).as("after of %s", attempt).isLessThan(first);
        for (long position = condition.after() + 1; position < first; position++) {
            if (ModelLog.matches(condition.failIfEventsMatch(), at(position).event())) {
                throw new AssertionError(attempt + " was accepted although " + at(position) + " matches its condition");
            }
        }
    }

    private void checkViolated(Attempt attempt) {
        AppendCondition condition = attempt.request().condition();
        ModelLog.Violation violation = attempt.violation();
        assertThat(condition).as("condition of the refused %s", attempt).isNotNull();
        if (violation.item() == null) {
            assertThat(condition.failIfEventsMatch().isAll())
                    .as("%s names an item", attempt)
                    .isTrue();
        } else {
            assertThat(condition.failIfEventsMatch().items()).contains(violation.item());
        }
        assertThat(violation.position()).as("violation of %s", attempt).isGreaterThan(condition.after());
        for (long position = condition.after() + 1; position <= violation.position(); position++) {
            assertThat(violation.item() == null
                            || ModelLog.matches(violation.item(), at(position).event()))
                    .as("%s is violated by the event at %d", attempt, position)
                    .isEqualTo(position == violation.position());
        }
    }

    private SequencedEvent at(long position) {
        assertThat(position).as("a position of the log").isBetween(1L, (long) log.size());
        return log.get(Math.toIntExact(position - 1));
    }
}
