package io.crablet.eventstore;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * The states of several projectors after the same events.
 *
 * <p>Immutable.
 */
public final class ProjectedStates {

    private final List<? extends Projector<?>> projectors;
    private final List<Object> states;

    private ProjectedStates(List<? extends Projector<?>> projectors, List<Object> states) {
        this.projectors = projectors;
        this.states = states;
    }

    static ProjectedStates initial(List<? extends Projector<?>> projectors) {
        if (projectors.isEmpty()) {
            throw new IllegalArgumentException("there is no projector; give at least one");
        }
        List<Projector<?>> copy = List.copyOf(projectors);
        List<Object> states = new ArrayList<>(copy.size());
        for (Projector<?> projector : copy) {
            states.add(Objects.requireNonNull(projector.initial(), "the initial state of a projector is null"));
        }
        return new ProjectedStates(copy, states);
    }

    /** Returns the states after some more events, of which each projector sees those that its query matches. */
    ProjectedStates applyAll(Iterator<SequencedEvent> events) {
        List<Object> next = new ArrayList<>(states);
        while (events.hasNext()) {
            SequencedEvent event = events.next();
            for (int i = 0; i < next.size(); i++) {
                Projector<?> projector = projectors.get(i);
                if (projector.query().matches(event.event())) {
                    next.set(i, applyUnchecked(projector, next.get(i), event));
                }
            }
        }
        return new ProjectedStates(projectors, next);
    }

    /** Returns the one query that covers those of all projectors. */
    Query query() {
        return projectors.stream()
                .<Query>map(Projector::query)
                .reduce(Query::or)
                .orElseThrow();
    }

    /**
     * Returns the state of one of the projectors.
     *
     * @param projector the very object that was given to the store
     * @param <S> the state
     * @return its state
     * @throws IllegalArgumentException if it was not given to the store
     */
    @SuppressWarnings("unchecked")
    public <S> S state(Projector<S> projector) {
        for (int i = 0; i < projectors.size(); i++) {
            if (projectors.get(i) == projector) {
                return (S) states.get(i);
            }
        }
        throw new IllegalArgumentException(
                "this projector took no part in the projection; pass the same object to both");
    }

    @SuppressWarnings("unchecked")
    private static <S> Object applyUnchecked(Projector<S> projector, Object state, SequencedEvent event) {
        return Objects.requireNonNull(projector.apply((S) state, event), "a projector returned null for a state");
    }
}
