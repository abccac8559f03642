package io.crablet.eventstore;

import java.util.Iterator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What a decision is made on: the states of its projectors, and the condition under which an append that follows from them
 * is still right.
 *
 * @param states the states
 * @param appendCondition fails if an event that any of the projectors would have seen was appended since
 */
public record DecisionModel(ProjectedStates states, AppendCondition appendCondition) {

    /**
     * Returns the state of one of the projectors.
     *
     * @param projector the very object that was given to the store
     * @param <S> the state
     * @return its state
     * @throws IllegalArgumentException if it was not given to the store
     */
    public <S> S state(Projector<S> projector) {
        return states.state(projector);
    }

    /**
     * Folds events in one pass. For implementations of {@link EventStore}.
     *
     * @param projectors at least one
     * @param events the events that match {@link #query}, in the order of their positions
     * @param head asked after the last event: the position up to which these are all
     * @return the model
     */
    public static DecisionModel fold(
            List<? extends Projector<?>> projectors, Iterator<SequencedEvent> events, LongSupplier head) {
        ProjectedStates states = ProjectedStates.initial(projectors).applyAll(events);
        return new DecisionModel(states, new AppendCondition(states.query(), head.getAsLong()));
    }

    /**
     * Returns the one query that covers those of all projectors. For implementations of {@link EventStore}.
     *
     * @param projectors at least one
     * @return the query
     * @throws IllegalArgumentException if there is none
     */
    public static Query query(List<? extends Projector<?>> projectors) {
        return ProjectedStates.initial(projectors).query();
    }
}
