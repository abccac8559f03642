package io.crablet.eventstore;

/**
 * Is told what an event store is about to borrow a connection for, so that whoever watches the pool can tell its borrows apart.
 * Called in the borrowing thread; what it throws is logged and goes no further.
 */
@FunctionalInterface
public interface BorrowLabels {

    /** Tells nobody. */
    BorrowLabels NONE = label -> () -> {};

    /**
     * A connection is about to be borrowed. Not told in a transaction of the caller, whose connection is there already.
     *
     * @param label what for, such as {@code event store: read StudentSubscribed{course}}: one of few, of 120 characters at the
     *     most, with the types and the keys of the tags of a query, never with the values of tags
     * @return is closed by the same thread as soon as it has, or has not got, the connection
     */
    Scope open(String label);

    /** The time in which a connection is being borrowed. */
    @FunctionalInterface
    interface Scope extends AutoCloseable {

        /** Ends it. */
        @Override
        void close();
    }
}
