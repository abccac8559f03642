package io.crablet.pool.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The pool's own connection while it is lent, and who may end that. Borrower, garbage collector, overdue watch and operator may all
 * want to at once: the one who takes it gives it back or closes it, and nobody else does. Thread-safe.
 */
final class Loan {

    private static final AtomicReferenceFieldUpdater<Loan, @Nullable Connection> CONNECTION =
            AtomicReferenceFieldUpdater.newUpdater(Loan.class, Connection.class, "connection");

    private volatile @Nullable Connection connection;

    private volatile boolean spoiled;

    /** Why it was taken from its borrower; null unless it was. */
    private volatile @Nullable String takenBack;

    Loan(Connection connection) {
        CONNECTION.lazySet(this, connection);
    }

    /** The connection while it is lent, null afterwards. For looking at it from outside. */
    @Nullable
    Connection connection() {
        return connection;
    }

    /**
     * Ends the loan, unless somebody has.
     *
     * @return the connection, for the caller to give back or close; null if it is not the caller's to do
     */
    @Nullable
    Connection take() {
        return CONNECTION.getAndSet(this, null);
    }

    /** Ends the loan against the borrower's will, unless somebody has ended it. */
    @Nullable
    Connection takeBack(String why) {
        Connection taken = take();
        if (taken != null) {
            takenBack = why;
        }
        return taken;
    }

    boolean isTakenBack() {
        return takenBack != null;
    }

    /** Refuses the use of a connection that was taken back. */
    void requireNotTakenBack() throws SQLException {
        String why = takenBack;
        if (why != null) {
            throw new SQLNonTransientConnectionException(why, "08003");
        }
    }

    /** Whoever ends the loan from now on closes the connection: nobody else is to have it. */
    void spoil() {
        spoiled = true;
    }

    boolean isSpoiled() {
        return spoiled;
    }
}
