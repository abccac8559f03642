package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.SecondBorrow;
import org.jspecify.annotations.Nullable;

/** Is told of what a ledger sees. What it throws is logged and goes no further. Called by several threads. */
public interface LedgerListener {

    /** Does nothing. */
    LedgerListener NO_OP = new LedgerListener() {};

    /**
     * A connection has come back, or was taken back. Called by the thread that returns it, so it has to be quick.
     *
     * @param operation what it was borrowed for, null if nothing said it
     * @param heldNanos for how long it was held, in nanoseconds
     */
    default void returned(@Nullable String operation, long heldNanos) {}

    /**
     * A connection has been held for longer than {@code suspect-after}. Told once for each borrow.
     *
     * @param connection what is known of it
     */
    default void suspected(BorrowedConnection connection) {}

    /**
     * Nobody can return a connection any more. Told before {@link #reclaimed}, if it was taken back.
     *
     * @param connection what is known of it
     */
    default void leaked(BorrowedConnection connection) {}

    /**
     * A connection was taken back from its borrower: because it was leaked, or overdue, or because an operator said so.
     *
     * @param leak what became of it; its grade says whether it was leaked
     */
    default void reclaimed(ConnectionLeak leak) {}

    /**
     * A connection is overdue, and will be taken back unless its borrower uses it.
     *
     * @param connection what is known of it
     */
    default void overdue(BorrowedConnection connection) {}

    /**
     * A caller has waited for a connection in vain. Called in that caller's thread.
     *
     * @param timeout who waited, and for whom
     */
    default void timedOut(BorrowTimeout timeout) {}

    /**
     * A thread has asked for a connection while it held one. Called a moment later, in a thread of the ledger.
     *
     * @param sites where; the count is 1 if this pair of lines was not seen before, and 0 if there are too many to be counted
     */
    default void borrowedSecond(SecondBorrow sites) {}
}
