package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.SecondBorrow;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells several listeners, and keeps their failures away from the borrowers. */
final class Listeners implements LedgerListener {

    private static final Logger logger = LoggerFactory.getLogger(Listeners.class);

    private final List<LedgerListener> listeners = new CopyOnWriteArrayList<>();

    void add(LedgerListener listener) {
        listeners.add(listener);
    }

    @Override
    public void returned(@Nullable String operation, long heldNanos) {
        tell(listener -> listener.returned(operation, heldNanos));
    }

    @Override
    public void suspected(BorrowedConnection connection) {
        tell(listener -> listener.suspected(connection));
    }

    @Override
    public void leaked(BorrowedConnection connection) {
        tell(listener -> listener.leaked(connection));
    }

    @Override
    public void reclaimed(ConnectionLeak leak) {
        tell(listener -> listener.reclaimed(leak));
    }

    @Override
    public void overdue(BorrowedConnection connection) {
        tell(listener -> listener.overdue(connection));
    }

    @Override
    public void timedOut(BorrowTimeout timeout) {
        tell(listener -> listener.timedOut(timeout));
    }

    @Override
    public void borrowedSecond(SecondBorrow sites) {
        tell(listener -> listener.borrowedSecond(sites));
    }

    private void tell(Consumer<LedgerListener> event) {
        for (LedgerListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                logger.warn("A listener of a pool's ledger has failed", e);
            }
        }
    }
}
