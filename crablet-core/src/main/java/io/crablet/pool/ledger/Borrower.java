package io.crablet.pool.ledger;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A thread, and the connections it holds. Leads to the thread weakly: one that nobody else knows, such as a virtual thread that
 * waits for ever, may go, and what it held is then leaked.
 */
final class Borrower {

    private static final Predicate<Borrow> IS_OVER =
            borrow -> borrow.hasEnded() || borrow.isLeaked() || borrow.isHandedOver();

    private final WeakReference<Thread> thread;

    private final String name;

    /** Its borrows that may not have ended, in their order. For this thread alone. */
    private final List<Borrow> borrows = new ArrayList<>(2);

    private int place;

    Borrower(Thread thread) {
        this.thread = new WeakReference<>(thread);
        // Far apart, as neighbours in memory disturb each other.
        this.place = (int) (thread.getId() * 17);
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

    boolean isCurrentThread() {
        return thread.refersTo(Thread.currentThread());
    }

    /** The latest borrow that has neither ended nor was forgotten or handed to another thread, null if there is none. */
    @Nullable
    Borrow held() {
        borrows.removeIf(IS_OVER);
        return borrows.isEmpty() ? null : borrows.get(borrows.size() - 1);
    }

    void holds(Borrow borrow) {
        borrows.add(borrow);
    }

    /** Where its last borrow was among those that had not ended. For this thread alone. */
    int lastPlace() {
        return place;
    }

    void hadPlace(int last) {
        place = last;
    }

    /** One of its borrows has ended, perhaps in another thread; the thread itself forgets it at once. */
    void ended(Borrow borrow) {
        if (isCurrentThread()) {
            borrows.remove(borrow);
        }
    }
}
