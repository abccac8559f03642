package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.HolderGroup;
import io.crablet.pool.Sites;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Borrows from the pool and has it recorded. Thread-safe. */
final class Lender {

    private static final String FORBIDDEN =
            "Thread %s asks pool %s for a connection at %s while it holds one, borrowed at %s."
                    + " With enough such threads all wait for each other, so this is forbidden here. Use the first connection for"
                    + " both, or return it before.";

    /** The object is not in the state for this: neither an outage nor anything that is worth another try. */
    private static final String FORBIDDEN_STATE = "55000";

    private final LendingPool pool;

    private final Entries entries;

    private final SecondBorrows secondBorrows;

    private final Timeouts timeouts;

    private final BorrowContext context;

    private final LedgerListener listener;

    private final boolean forbidSecondBorrows;

    private final ThreadLocal<Borrower> borrowers = ThreadLocal.withInitial(() -> new Borrower(Thread.currentThread()));

    Lender(
            LendingPool pool,
            Entries entries,
            SecondBorrows secondBorrows,
            Timeouts timeouts,
            BorrowContext context,
            LedgerListener listener,
            boolean forbidSecondBorrows) {
        this.pool = pool;
        this.entries = entries;
        this.secondBorrows = secondBorrows;
        this.timeouts = timeouts;
        this.context = context;
        this.listener = listener;
        this.forbidSecondBorrows = forbidSecondBorrows;
    }

    /**
     * Borrows.
     *
     * @param stack where
     */
    Connection borrow(Throwable stack) throws SQLException {
        Borrower self = borrowers.get();
        Borrow held = self.held();
        if (held != null) {
            borrowsSecond(held, stack);
        }
        long asked = System.nanoTime();
        Connection lent = lend(asked, self, held, stack);
        try {
            return entries.add(lent, asked, self, held, stack);
        } catch (Throwable e) {
            giveBackUnused(lent, e);
            throw e;
        }
    }

    private void borrowsSecond(Borrow held, Throwable stack) throws SQLException {
        secondBorrows.add(held, stack);
        if (forbidSecondBorrows) {
            throw new SQLException(
                    FORBIDDEN.formatted(
                            held.borrower().name(), pool.name(), Sites.first(entries.frames(stack)), held.site()),
                    FORBIDDEN_STATE);
        }
        held.waitsForSecond(System.nanoTime(), stack);
    }

    private Connection lend(long asked, Borrower self, @Nullable Borrow held, Throwable stack) throws SQLException {
        try {
            return pool.lend();
        } catch (SQLTransientConnectionException e) {
            throw timedOut(e, Duration.ofNanos(System.nanoTime() - asked), self, stack);
        } finally {
            if (held != null) {
                held.waitsNoMore();
            }
        }
    }

    private SQLTransientConnectionException timedOut(
            SQLTransientConnectionException e, Duration waited, Borrower self, Throwable stack) {
        List<HolderGroup> holders = timeouts.holders();
        BorrowTimeout timeout = new BorrowTimeout(
                Instant.now(),
                waited,
                self.name(),
                context.operation(),
                context.traceId(),
                entries.frames(stack),
                holders);
        timeouts.add(timeout);
        listener.timedOut(timeout);
        return Timeouts.explained(e, holders);
    }

    private static void giveBackUnused(Connection lent, Throwable failure) {
        try {
            lent.close();
        } catch (Throwable e) {
            failure.addSuppressed(e);
        }
    }
}
