package io.crablet.eventstore;

import java.util.function.BiFunction;

/**
 * Folds events into a state: which events, from what, and how.
 *
 * <p>An implementation must be immutable and {@code apply} a pure function; the store may call it again for another pass.
 *
 * @param <S> the state; immutable
 */
public interface Projector<S> {

    /**
     * Returns which events the state depends on.
     *
     * @return the query; the same at each call
     */
    Query query();

    /**
     * Returns the state before any event.
     *
     * @return the initial state
     */
    S initial();

    /**
     * Returns the state after one more event.
     *
     * @param state the state before it
     * @param event an event that matches {@link #query()}
     * @return the state after it
     */
    S apply(S state, SequencedEvent event);

    /**
     * Returns a projector of its three parts.
     *
     * @param query which events the state depends on
     * @param initial the state before any event
     * @param apply the state after one more event
     * @param <S> the state
     * @return the projector
     */
    static <S> Projector<S> of(Query query, S initial, BiFunction<S, SequencedEvent, S> apply) {
        return new FunctionProjector<>(query, initial, apply);
    }
}
