package io.crablet.eventstore;

import java.sql.Connection;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * Is told of what an event store does. Called in the thread of the caller, unless said otherwise; what it throws is logged and
 * goes no further.
 */
public interface EventStoreListener {

    /** How an append has ended. */
    enum Outcome {

        /** The events were appended. In a transaction of the caller, that decides whether they stay. */
        APPENDED,

        /** An event matched the append's condition. */
        CONDITION_FAILED,

        /** The append failed for any other reason. */
        ERROR
    }

    /**
     * The store has been built. Called once, in the thread that builds it.
     *
     * @param queuedAppends tells at any time how many appends wait for their turn to be sent; those in transactions of their
     *     callers, which wait in the database, are not among them
     */
    default void storeBuilt(IntSupplier queuedAppends) {}

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

    /**
     * A read, or the read of a page, has ended, well or not. Not told of a cursor stream, whose time is that of its consumer.
     *
     * @param query what was read
     * @param duration how long it took, the wait for a connection included
     */
    default void readMeasured(Query query, Duration duration) {}

    /**
     * A cursor stream is about to borrow the connection that it holds until {@link #streamClosed}. Not told of paged streams,
     * which hold nothing.
     *
     * @param query what is streamed
     */
    default void streamOpened(Query query) {}

    /**
     * A cursor stream has ended, or was not opened after all, and holds no connection any more. Called in the thread that
     * has ended it, which is one of the store's own where the consumer did not do so.
     *
     * @param query what was streamed
     */
    default void streamClosed(Query query) {}

    /**
     * A cursor stream has turned out to be forgotten: it was not closed, and nothing in the program can reach it any more. Its
     * transaction is about to be rolled back and its connection to be given back. Called in a thread of the store's own,
     * and not for a stream in a transaction of the caller, who gives the connection back himself.
     *
     * @param query what was streamed
     * @param connection what the data source has handed out; to be recognized, not to be used
     */
    default void streamForgotten(Query query, Connection connection) {}

    /**
     * An append has ended. Not told of one that was refused by the store's limits before anything was sent.
     *
     * @param outcome how
     * @param events how many events it had
     * @param duration how long it took, the wait for a connection and for other appends included
     */
    default void appendFinished(Outcome outcome, int events, Duration duration) {}

    /**
     * A batch of appends has been sent in one round trip, and was answered. Called in the thread of one of its callers.
     *
     * @param requests how many appends it had; 1 in a transaction of the caller
     */
    default void batchSent(int requests) {}

    /**
     * Events have been appended for good. In a transaction of the caller, called when that has committed.
     *
     * @param events how many
     */
    default void eventsCommitted(int events) {}

    /**
     * The position of the last event of the log was seen, as it was a moment ago. Calls may come in any order.
     *
     * @param position the position; 0 if there is none
     */
    default void headSeen(long position) {}
}
