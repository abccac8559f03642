package io.crablet.pool.ledger;

import io.crablet.pool.BorrowedConnection;
import java.lang.ref.ReferenceQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The borrows of a ledger that have not ended, and the count of the others. Thread-safe. */
final class Entries {

    private final LendingPool pool;

    private final SessionInspector inspector;

    private final BorrowContext context;

    private final Stacks stacks;

    private final LedgerListener listener;

    private final long suspectAfterNanos;

    private final Places open = new Places();

    private final ReferenceQueue<Connection> unreachable = new ReferenceQueue<>();

    private final Guard inspecting;

    private final AtomicLong lastId = new AtomicLong();

    private final LongAdder returns = new LongAdder();

    private final LongAdder heldNanos = new LongAdder();

    private final LongAdder waitedNanos = new LongAdder();

    private final Instant startInstant = Instant.now();

    private final long startNanos = System.nanoTime();

    Entries(
            LendingPool pool,
            SessionInspector inspector,
            BorrowContext context,
            Stacks stacks,
            LedgerListener listener,
            Duration suspectAfter) {
        this.pool = pool;
        this.inspector = inspector;
        this.inspecting = new Guard(inspector);
        this.context = context;
        this.stacks = stacks;
        this.listener = listener;
        this.suspectAfterNanos = suspectAfter.toNanos();
    }

    /**
     * Records a borrow, and makes what the borrower gets.
     *
     * @param askedNanos when the borrower asked the pool for a connection
     */
    Connection add(Connection lent, long askedNanos, Borrower borrower, @Nullable Borrow held, Throwable stack) {
        long now = System.nanoTime();
        waitedNanos.add(now - askedNanos);
        Borrow borrow = new Borrow(
                this,
                lastId.incrementAndGet(),
                borrower,
                stack,
                now,
                lent,
                backendPid(lent),
                context.operation(),
                context.traceId(),
                held);
        Connection given = TrackedConnection.of(lent, borrow);
        borrow.givenAs(given, unreachable);
        borrower.holds(borrow);
        try {
            borrow.enter(open);
        } catch (Throwable e) {
            borrow.ended();
            throw e;
        }
        return given;
    }

    private int backendPid(Connection lent) {
        try {
            return inspector.backendPid(lent);
        } catch (Throwable e) {
            inspecting.failed(e);
            return 0;
        }
    }

    void giveBack(Borrow borrow, Connection connection) throws SQLException {
        try {
            if (borrow.loan().isSpoiled()) {
                pool.evict(connection);
            } else {
                connection.close();
            }
        } finally {
            // Not before: a rollback that the network swallows is still a connection in use.
            ended(borrow);
        }
    }

    void evict(Borrow borrow, Connection connection) {
        try {
            pool.evict(connection);
        } finally {
            ended(borrow);
        }
    }

    void ended(Borrow borrow) {
        borrow.ended();
        borrow.leave(open);
        long held = borrow.heldNanos(System.nanoTime());
        returns.increment();
        heldNanos.add(held);
        listener.returned(borrow.operation(), held);
    }

    Collection<Borrow> open() {
        return open.all();
    }

    @Nullable
    Borrow find(long id) {
        for (Borrow borrow : open.all()) {
            if (borrow.id() == id) {
                return borrow;
            }
        }
        return null;
    }

    boolean contains(Borrow borrow) {
        return find(borrow.id()) == borrow;
    }

    /** All of them as they are at a moment, the oldest first. */
    List<BorrowedConnection> borrowed(long now) {
        return open.all().stream()
                .map(borrow -> borrow.snapshot(now))
                .sorted(Comparator.comparing(BorrowedConnection::borrowedAt))
                .toList();
    }

    ReferenceQueue<Connection> unreachable() {
        return unreachable;
    }

    long borrows() {
        return lastId.get();
    }

    long returns() {
        return returns.sum();
    }

    Duration heldTotal() {
        return Duration.ofNanos(heldNanos.sum());
    }

    Duration waitedTotal() {
        return Duration.ofNanos(waitedNanos.sum());
    }

    List<StackTraceElement> frames(Throwable stack) {
        return stacks.frames(stack);
    }

    long suspectAfterNanos() {
        return suspectAfterNanos;
    }

    Instant instantOf(long nanos) {
        return startInstant.plusNanos(nanos - startNanos);
    }

    @Nullable
    String currentOperation() {
        return context.operation();
    }
}
