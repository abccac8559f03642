package io.crablet.pool.ledger;

import io.crablet.pool.BorrowGrade;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.BorrowedConnection.SecondWait;
import io.crablet.pool.SafeText;
import io.crablet.pool.Sites;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection that is borrowed: an entry of the ledger. */
final class Borrow {

    private final Entries entries;

    private final long id;

    private final Borrower borrower;

    private final Throwable stack;

    private final long borrowedNanos;

    private final int backendPid;

    private final @Nullable String traceId;

    /** What the same thread held already when it borrowed this; not known any more when this has ended, or a chain would grow. */
    private @Nullable Borrow outer;

    private final Usage usage;

    private final Loan loan;

    private @Nullable Unreachable given;

    private @Nullable String operation;

    private volatile @Nullable List<StackTraceElement> frames;

    private volatile boolean leaked;

    private volatile boolean ended;

    private volatile boolean handedOver;

    private volatile @Nullable Waiting waitsForSecond;

    /** Where it is among those that have not ended. */
    private int place;

    /** How far the ledger has come in doing something about it. For its thread alone. */
    private @Nullable Measures measures;

    Borrow(
            Entries entries,
            long id,
            Borrower borrower,
            Throwable stack,
            long nanos,
            Connection lent,
            int backendPid,
            @Nullable String operation,
            @Nullable String traceId,
            @Nullable Borrow outer) {
        this.entries = entries;
        this.id = id;
        this.borrower = borrower;
        this.stack = stack;
        this.borrowedNanos = nanos;
        this.usage = new Usage(nanos);
        this.loan = new Loan(lent);
        this.backendPid = backendPid;
        this.operation = operation;
        this.traceId = traceId;
        this.outer = outer;
    }

    /**
     * Tells the ledger when what the borrower was given, and so everything opened through it, can be reached by nobody. A phantom
     * reference, as a finalizer might still use the connection.
     */
    static final class Unreachable extends PhantomReference<Connection> {

        private final Borrow borrow;

        Unreachable(Connection given, Borrow borrow, ReferenceQueue<Connection> queue) {
            super(given, queue);
            this.borrow = borrow;
        }

        Borrow borrow() {
            return borrow;
        }
    }

    private record Waiting(long sinceNanos, Throwable stack) {}

    /** Becomes one of the borrows that have not ended. */
    void enter(Places open) {
        place = open.add(this, borrower.lastPlace());
        borrower.hadPlace(place);
    }

    void leave(Places open) {
        open.remove(this, place);
    }

    void givenAs(Connection connection, ReferenceQueue<Connection> unreachable) {
        given = new Unreachable(connection, this, unreachable);
    }

    long id() {
        return id;
    }

    Borrower borrower() {
        return borrower;
    }

    Loan loan() {
        return loan;
    }

    Usage usage() {
        return usage;
    }

    Measures measures() {
        Measures known = measures;
        if (known == null) {
            known = new Measures();
            measures = known;
        }
        return known;
    }

    @Nullable
    String operation() {
        return operation;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isLeaked() {
        return leaked;
    }

    /** Whether nobody has known it before. */
    synchronized boolean markLeaked() {
        boolean news = !leaked;
        leaked = true;
        return news;
    }

    long heldNanos(long now) {
        return now - borrowedNanos;
    }

    /** The current thread uses it. What it does may be known only now: Spring names a transaction after it has borrowed for it. */
    void usedHere() {
        if (operation == null) {
            operation = entries.currentOperation();
        }
        if (!handedOver && !borrower.isCurrentThread()) {
            handedOver = true;
        }
    }

    /** Whether another thread than the borrower has used it: the borrower does not hold it any more, as far as is known. */
    boolean isHandedOver() {
        return handedOver;
    }

    void waitsForSecond(long nanos, Throwable at) {
        waitsForSecond = new Waiting(nanos, at);
    }

    void waitsNoMore() {
        waitsForSecond = null;
    }

    /** The connection has gone back; nothing of it is to be remembered. */
    void ended() {
        ended = true;
        outer = null;
        borrower.ended(this);
        // What nobody refers to is never put into a queue, and to clear it would be a call into the JVM.
        given = null;
    }

    /** Gives the connection back at its borrower's wish. */
    void giveBack() throws SQLException {
        Connection connection = loan.take();
        if (connection != null) {
            entries.giveBack(this, connection);
        }
    }

    /** Closes the connection at its borrower's wish, and frees its slot in the pool. */
    void abort(Aborting aborting) throws SQLException {
        Connection connection = loan.take();
        if (connection != null) {
            try {
                aborting.abort(connection);
            } finally {
                entries.evict(this, connection);
            }
        }
    }

    interface Aborting {
        void abort(Connection connection) throws SQLException;
    }

    List<StackTraceElement> frames() {
        List<StackTraceElement> known = frames;
        if (known == null) {
            known = entries.frames(stack);
            frames = known;
        }
        return known;
    }

    String site() {
        return Sites.first(frames());
    }

    BorrowedConnection snapshot(long now) {
        Waiting second = waitsForSecond;
        Borrow before = outer;
        usage.look(now);
        return new BorrowedConnection(
                id,
                SafeText.ofName(borrower.name()),
                borrower.isAlive(),
                safe(operation),
                safe(traceId),
                entries.instantOf(borrowedNanos),
                Duration.ofNanos(Math.max(0, heldNanos(now))),
                usage.idle(now),
                usage.executing(now),
                usage.openResults(),
                frames(),
                backendPid,
                grade(now),
                before == null || before.hasEnded() ? null : before.id,
                second == null
                        ? null
                        : new SecondWait(
                                Duration.ofNanos(Math.max(0, now - second.sinceNanos())),
                                entries.frames(second.stack())),
                usage.hasEscaped(),
                isHandedOver());
    }

    private static @Nullable String safe(@Nullable String name) {
        return name == null ? null : SafeText.ofName(name);
    }

    private BorrowGrade grade(long now) {
        if (isLeaked()) {
            return BorrowGrade.LEAKED;
        }
        return heldNanos(now) >= entries.suspectAfterNanos() ? BorrowGrade.SUSPECT : BorrowGrade.NORMAL;
    }
}
