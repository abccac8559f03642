package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.SecondBorrow;
import org.jspecify.annotations.Nullable;

/** Keeps a listener's failures away from the borrowers. */
final class SafeListener implements LedgerListener {

    private final LedgerListener listener;

    private final Guard guard;

    SafeListener(LedgerListener listener) {
        this.listener = listener;
        this.guard = new Guard(listener);
    }

    @Override
    public void returned(@Nullable String operation, long heldNanos) {
        guard.tell(() -> listener.returned(operation, heldNanos));
    }

    @Override
    public void suspected(BorrowedConnection connection) {
        guard.tell(() -> listener.suspected(connection));
    }

    @Override
    public void leaked(BorrowedConnection connection) {
        guard.tell(() -> listener.leaked(connection));
    }

    @Override
    public void reclaimed(ConnectionLeak leak) {
        guard.tell(() -> listener.reclaimed(leak));
    }

    @Override
    public void overdue(BorrowedConnection connection) {
        guard.tell(() -> listener.overdue(connection));
    }

    @Override
    public void timedOut(BorrowTimeout timeout) {
        guard.tell(() -> listener.timedOut(timeout));
    }

    @Override
    public void borrowedSecond(SecondBorrow sites) {
        guard.tell(() -> listener.borrowedSecond(sites));
    }
}
