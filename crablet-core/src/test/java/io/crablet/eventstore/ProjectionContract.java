package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** States folded from events, and the conditions that guard them. */
interface ProjectionContract extends EventStoreContract {

    /** Returns a projector to the positions of the events that it has seen. */
    private static Projector<List<Long>> seen(Query query) {
        return Projector.of(query, List.of(), (positions, event) -> {
            List<Long> more = new ArrayList<>(positions);
            more.add(event.position());
            return List.copyOf(more);
        });
    }

    private void appendCourses() {
        appendOneByOne(
                event("Defined", C1), event("Defined", C2), event("Subscribed", C1, S1), event("Subscribed", C2, S1));
    }

    @Test
    default void eachProjectorSeesItsOwnEventsOnly() {
        appendCourses();
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        Projector<List<Long>> s1 = seen(Query.ofTags(S1));
        Projector<List<Long>> definedC2 =
                seen(Query.of(QueryItem.ofTypes("Defined").withTags(C2)));
        Projector<List<Long>> nothing = seen(Query.ofTypes("Unknown"));

        DecisionModel model = store().project(c1, s1, definedC2, nothing);

        assertThat(model.state(c1)).containsExactly(1L, 3L);
        assertThat(model.state(s1)).containsExactly(3L, 4L);
        assertThat(model.state(definedC2)).containsExactly(2L);
        assertThat(model.state(nothing)).isEmpty();
    }

    @Test
    default void theConditionCoversWhatAnyProjectorSees() {
        appendCourses();
        Query onC1 = Query.ofTags(C1);
        Query onDefined = Query.ofTypes("Defined");
        AppendCondition condition = store().project(seen(onC1), seen(onDefined)).appendCondition();
        assertThat(condition).isEqualTo(new AppendCondition(onC1.or(onDefined), 4));
        assertThat(store().project(seen(onC1), seen(Query.all())).appendCondition())
                .isEqualTo(new AppendCondition(Query.all(), 4));
    }

    @Test
    default void theConditionGuardsTheDecision() {
        appendCourses();
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        DecisionModel model = store().project(c1);
        append(event("Subscribed", C2, S2));
        store().append(List.of(event("Closed", C1)), model.appendCondition());
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> store().append(List.of(event("Closed", C1)), model.appendCondition()))
                .satisfies(refusal -> assertThat(refusal.position()).isEqualTo(6));
        assertThat(store().project(c1).state(c1)).containsExactly(1L, 3L, 6L);
    }

    @Test
    default void theConditionGuardsADecisionOnNothing() {
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        DecisionModel onEmptyLog = store().project(c1);
        assertThat(onEmptyLog.appendCondition().after()).isZero();
        append(event("Other"));
        DecisionModel onOthers = store().project(c1);
        assertThat(onOthers.state(c1)).isEmpty();
        assertThat(onOthers.appendCondition().after()).isEqualTo(1);
        append(event("Defined", C1));
        for (DecisionModel model : List.of(onEmptyLog, onOthers)) {
            assertThatExceptionOfType(AppendConditionFailedException.class)
                    .isThrownBy(() -> store().append(List.of(event("Defined", C1)), model.appendCondition()));
        }
    }

    @Test
    default void afterLeavesOutWhatIsKnownAlready() {
        appendCourses();
        Projector<List<Long>> all = seen(Query.all());
        DecisionModel model =
                store().project(List.of(all), ReadOptions.defaults().withAfter(2));
        assertThat(model.state(all)).containsExactly(3L, 4L);
        assertThat(model.appendCondition().after()).isEqualTo(4);
    }

    @Test
    default void untilMakesTheDecisionOneOfThatPosition() {
        appendCourses();
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        DecisionModel model =
                store().project(List.of(c1), ReadOptions.defaults().withUntil(2));
        assertThat(model.state(c1)).containsExactly(1L);
        assertThat(model.appendCondition().after()).isEqualTo(2);
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> store().append(List.of(event("Closed", C1)), model.appendCondition()));
    }

    @Test
    default void untilBeyondTheHeadIsTheHead() {
        appendCourses();
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        DecisionModel model =
                store().project(List.of(c1), ReadOptions.defaults().withUntil(9));
        assertThat(model.appendCondition().after()).isEqualTo(4);
    }

    @Test
    default void aProjectorThatTookNoPartHasNoState() {
        Projector<List<Long>> took = seen(Query.all());
        Projector<List<Long>> tookNoPart = seen(Query.all());
        DecisionModel model = store().project(took);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.state(tookNoPart))
                .withMessageContaining("projector");
    }

    @Test
    default void projectorsThatLookAlikeAreTwo() {
        append(event("A"));
        Projector<Integer> one = Projector.of(Query.all(), 1, (state, event) -> state + 1);
        Projector<Integer> ten = Projector.of(Query.all(), 10, (state, event) -> state + 10);
        DecisionModel model = store().project(one, ten);
        assertThat(model.state(one)).isEqualTo(2);
        assertThat(model.state(ten)).isEqualTo(20);
    }

    @Test
    default void whatAProjectorThrowsReachesTheCaller() {
        append(event("A"));
        IllegalStateException failure = new IllegalStateException("this state cannot be");
        Projector<Integer> failing = Projector.of(Query.all(), 0, (state, event) -> {
            throw failure;
        });
        assertThatThrownBy(() -> store().project(failing)).isSameAs(failure);
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<ProjectionStep> steps = store().projectStream(List.of(failing), ReadOptions.defaults(), mode)) {
                assertThatThrownBy(steps::toList).isSameAs(failure);
            }
        }
        assertThat(append(event("A"))).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    default void aStreamOfStatesHasOneForEachEvent() {
        appendCourses();
        Projector<List<Long>> c1 = seen(Query.ofTags(C1));
        Projector<List<Long>> s1 = seen(Query.ofTags(S1));
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<ProjectionStep> stream = store().projectStream(List.of(c1, s1), ReadOptions.defaults(), mode)) {
                List<ProjectionStep> steps = stream.toList();
                assertThat(steps).extracting(step -> step.event().position()).containsExactly(1L, 3L, 4L);
                assertThat(steps)
                        .extracting(step -> step.states().state(c1))
                        .containsExactly(List.of(1L), List.of(1L, 3L), List.of(1L, 3L));
                assertThat(steps)
                        .extracting(step -> step.states().state(s1))
                        .containsExactly(List.of(), List.of(3L), List.of(3L, 4L));
            }
        }
    }

    @Test
    default void aStreamOfStatesObeysTheOptions() {
        appendCourses();
        Projector<List<Long>> all = seen(Query.all());
        ReadOptions options = ReadOptions.defaults().withAfter(1).withLimit(2).withBackwards();
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<ProjectionStep> steps = store().projectStream(List.of(all), options, mode)) {
                assertThat(steps.map(step -> step.states().state(all)).toList())
                        .containsExactly(List.of(4L), List.of(4L, 3L));
            }
        }
    }
}
