package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.C1;
import static io.crablet.eventstore.EventStoreContract.C2;
import static io.crablet.eventstore.EventStoreContract.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The oracle accepts a true history, and finds what is wrong with each doctored one. */
class ReplayOracleTests {

    private static final QueryItem ON_C1 = QueryItem.ofTags(C1);
    private static final AppendCondition NO_C1 = AppendCondition.failIfEventsMatch(Query.of(ON_C1));

    private final List<Event> events = new ArrayList<>(List.of(event("A", C1), event("B", C2), event("C", C1)));
    private final List<Attempt> attempts = new ArrayList<>(List.of(
            accepted(NO_C1, 1, 2, event("A", C1), event("B", C2)),
            refused(NO_C1, new ModelLog.Violation(ON_C1, 1)),
            accepted(NO_C1.after(2), 3, 3, event("C", C1)),
            refused(AppendCondition.failIfEventsMatch(Query.all()), new ModelLog.Violation(null, 1))));

    private static Attempt accepted(AppendCondition condition, long first, long last, Event... events) {
        return new Attempt(new Attempt.Request(List.of(events), condition), new AppendResult(first, last), null);
    }

    private static Attempt refused(AppendCondition condition, ModelLog.Violation violation) {
        return new Attempt(new Attempt.Request(List.of(event("D")), condition), null, violation);
    }

    private void check(UnaryOperator<List<SequencedEvent>> doctor) {
        List<SequencedEvent> log = IntStream.range(0, events.size())
                .mapToObj(i -> new SequencedEvent(i + 1L, Instant.EPOCH, events.get(i)))
                .toList();
        ReplayOracle.check(doctor.apply(new ArrayList<>(log)), attempts);
    }

    private void assertFound(String what) {
        assertThatThrownBy(() -> check(UnaryOperator.identity()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(what);
    }

    @Test
    void aTrueHistoryPasses() {
        check(UnaryOperator.identity());
        assertThat(attempts).hasSize(4);
    }

    @Test
    void aGapIsFound() {
        assertThatThrownBy(() -> check(log -> {
                    log.remove(1);
                    return log;
                }))
                .hasMessageContaining("gapless");
    }

    @Test
    void anEventInTheWrongPlaceIsFound() {
        events.set(1, event("C", C1));
        events.set(2, event("B", C2));
        assertFound("event at 2");
    }

    @Test
    void anEventOfNobodyIsFound() {
        events.add(event("Stray"));
        assertFound("positions given by accepted appends");
    }

    @Test
    void aLostEventIsFound() {
        events.remove(2);
        assertFound("a position of the log");
    }

    @Test
    void aPositionGivenTwiceIsFound() {
        attempts.add(accepted(null, 3, 3, event("C", C1)));
        assertFound("given once");
    }

    @Test
    void anAcceptedAppendWhoseConditionDidNotHoldIsFound() {
        attempts.set(2, accepted(NO_C1, 3, 3, event("C", C1)));
        assertFound("was accepted although");
    }

    @Test
    void anAcceptedConditionFromTheFutureIsFound() {
        attempts.set(2, accepted(NO_C1.after(3), 3, 3, event("C", C1)));
        assertFound("after of");
    }

    @Test
    void aRefusalByAnEventThatDoesNotMatchIsFound() {
        attempts.set(1, refused(NO_C1.after(1), new ModelLog.Violation(ON_C1, 2)));
        assertFound("is violated by the event at 2");
    }

    @Test
    void aRefusalByAnEventThatIsNotTheFirstIsFound() {
        attempts.set(1, refused(NO_C1, new ModelLog.Violation(ON_C1, 3)));
        assertFound("is violated by the event at 1");
    }

    @Test
    void aRefusalByAnEventBeforeTheConditionIsFound() {
        attempts.set(1, refused(NO_C1.after(1), new ModelLog.Violation(ON_C1, 1)));
        assertFound("violation of");
    }

    @Test
    void aRefusalForAnItemOfAnotherQueryIsFound() {
        attempts.set(1, refused(NO_C1, new ModelLog.Violation(QueryItem.ofTypes("A"), 1)));
        assertFound("QueryItem");
    }

    @Test
    void aRefusalWithoutAConditionIsFound() {
        attempts.set(1, refused(null, new ModelLog.Violation(null, 1)));
        assertFound("condition of the refused");
    }
}
