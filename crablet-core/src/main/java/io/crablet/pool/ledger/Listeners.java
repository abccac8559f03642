package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.SecondBorrow;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells several listeners, and keeps their failures away from the borrowers. */
final class Listeners implements LedgerListener {

    private final List<Guarded> listeners = new CopyOnWriteArrayList<>();

    void add(LedgerListener listener) {
        listeners.add(new Guarded(listener, new Guard(listener)));
    }

    @Override
    public void returned(@Nullable String operation, long heldNanos) {
        for (Guarded guarded : listeners) {
            try {
                guarded.listener().returned(operation, heldNanos);
            } catch (Throwable e) {
                guarded.guard().failed(e);
            }
        }
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

    private void tell(Consumer<LedgerListener> news) {
        for (Guarded guarded : listeners) {
            guarded.guard().tell(() -> news.accept(guarded.listener()));
        }
    }

    private record Guarded(LedgerListener listener, Guard guard) {}
}
