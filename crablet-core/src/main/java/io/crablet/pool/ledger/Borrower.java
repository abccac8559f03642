package io.crablet.pool.ledger;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * A thread, and the connections it holds. Leads to the thread weakly: one that nobody else knows, such as a virtual thread that
 * waits for ever, may go, and what it held is then leaked.
 */
final class Borrower {

    private final WeakReference<Thread> thread;

    private final String name;

    /** The latest of its borrows that may not have ended. Of this thread alone. */
    private @Nullable Borrow latest;

    Borrower(Thread thread) {
        this.thread = new WeakReference<>(thread);
        this.name = thread.getName().isEmpty() ? "thread " + thread.getId() : thread.getName();
    }

    String name() {
        Thread alive = thread.get();
        return alive == null || alive.getName().isEmpty() ? name : alive.getName();
    }

    boolean isAlive() {
        Thread known = thread.get();
        return known != null && known.isAlive();
    }

    /** The latest borrow that has not ended, null if there is none. */
    @Nullable
    Borrow held() {
        Borrow borrow = latest;
        while (borrow != null && borrow.hasEnded()) {
            borrow = borrow.outer();
        }
        latest = borrow;
        return borrow;
    }

    void holds(Borrow borrow) {
        latest = borrow;
    }
}
