package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.SecondBorrow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a listener's failures away from the borrowers. */
final class SafeListener implements LedgerListener {

    private static final Logger logger = LoggerFactory.getLogger(SafeListener.class);

    private final LedgerListener listener;

    SafeListener(LedgerListener listener) {
        this.listener = listener;
    }

    @Override
    public void returned(@Nullable String operation, long heldNanos) {
        safely(() -> listener.returned(operation, heldNanos));
    }

    @Override
    public void suspected(BorrowedConnection connection) {
        safely(() -> listener.suspected(connection));
    }

    @Override
    public void leaked(BorrowedConnection connection) {
        safely(() -> listener.leaked(connection));
    }

    @Override
    public void reclaimed(ConnectionLeak leak) {
        safely(() -> listener.reclaimed(leak));
    }

    @Override
    public void overdue(BorrowedConnection connection) {
        safely(() -> listener.overdue(connection));
    }

    @Override
    public void timedOut(BorrowTimeout timeout) {
        safely(() -> listener.timedOut(timeout));
    }

    @Override
    public void borrowedSecond(SecondBorrow sites) {
        safely(() -> listener.borrowedSecond(sites));
    }

    private static void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            logger.warn("A listener of a pool's ledger has failed", e);
        }
    }
}
