package io.crablet.eventstore;

import java.util.function.BiFunction;

/** A projector of its three parts. A class, not a record: two projectors that look alike are still two. */
final class FunctionProjector<S> implements Projector<S> {

    private final Query query;
    private final S initial;
    private final BiFunction<S, SequencedEvent, S> function;

    FunctionProjector(Query query, S initial, BiFunction<S, SequencedEvent, S> function) {
        this.query = query;
        this.initial = initial;
        this.function = function;
    }

    @Override
    public Query query() {
        return query;
    }

    @Override
    public S initial() {
        return initial;
    }

    @Override
    public S apply(S state, SequencedEvent event) {
        return function.apply(state, event);
    }
}
