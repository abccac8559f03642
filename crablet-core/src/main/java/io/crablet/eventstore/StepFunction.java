package io.crablet.eventstore;

import java.util.List;
import java.util.function.Function;

/** Carries the states from one event of a sequential stream to the next. */
final class StepFunction implements Function<SequencedEvent, ProjectionStep> {

    private ProjectedStates states;

    StepFunction(ProjectedStates initial) {
        this.states = initial;
    }

    @Override
    public ProjectionStep apply(SequencedEvent event) {
        states = states.applyAll(List.of(event).iterator());
        return new ProjectionStep(event, states);
    }
}
