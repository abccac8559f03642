package io.crablet.eventstore;

/**
 * Is told of what an event store does. Called in the thread of the caller; what it throws is logged and goes no further.
 */
public interface EventStoreListener {

    /**
     * A query for events is about to be sent, and no connection has been borrowed for it yet. A paged stream sends one for
     * each page.
     *
     * @param query what is read
     */
    default void readStarted(Query query) {}

    /**
     * A query for events has ended, well or not, and its connection has gone back.
     *
     * @param query what was read
     */
    default void readFinished(Query query) {}
}
