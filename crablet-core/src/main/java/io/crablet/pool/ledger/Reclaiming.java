package io.crablet.pool.ledger;

import io.crablet.pool.ConnectionLeak.Outcome;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives connections back that their borrowers do not. Fails in no way: what cannot be given back in order is closed. Thread-safe. */
final class Reclaiming {

    private static final Logger logger = LoggerFactory.getLogger(Reclaiming.class);

    /** For the round trips to a server that may not answer. */
    private static final int NETWORK_TIMEOUT_MILLIS = 3_000;

    /** From here on a question counts as one that the server has not answered. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(2_500);

    /**
     * A server that has not answered is not asked again for so long: the connections are closed unasked. Otherwise many leaks
     * on a silent server would wait for it one after another.
     */
    private static final long UNASKED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final LendingPool pool;

    private final SessionInspector inspector;

    private final AtomicLong askAgainNanos = new AtomicLong(System.nanoTime());

    Reclaiming(LendingPool pool, SessionInspector inspector) {
        this.pool = pool;
        this.inspector = inspector;
    }

    /**
     * Rolls back what nobody can use any more, and puts it into the pool if it is as it was lent; otherwise closes it.
     *
     * @param changed whether the borrower is known to have changed it
     */
    Outcome giveBack(Connection connection, boolean changed) {
        if (!changed && !pool.preparesSessions() && mayAsk() && returned(connection)) {
            return Outcome.RETURNED;
        }
        close(connection);
        return Outcome.EVICTED;
    }

    /** Closes what somebody may be using: ends the statement that may run, so that the server has no orphan. */
    void evict(Connection connection) {
        cancel(connection);
        close(connection);
    }

    void cancel(Connection connection) {
        if (!mayAsk()) {
            return;
        }
        long start = System.nanoTime();
        try {
            inspector.cancel(connection);
        } catch (Throwable e) {
            logger.warn("The server of pool {} could not be asked to cancel a statement", pool.name(), e);
        } finally {
            asked(start);
        }
    }

    private boolean returned(Connection connection) {
        long start = System.nanoTime();
        try {
            connection.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
            if (!connection.getAutoCommit()) {
                connection.rollback();
                // What the inspector does must not be undone by the pool.
                connection.setAutoCommit(true);
            }
            if (!inspector.isAsLent(connection)) {
                return false;
            }
            connection.close();
            return true;
        } catch (Throwable e) {
            // An Error too, such as of a driver that is older than a method: this is the only attempt.
            logger.debug("A leaked connection of pool {} cannot be trusted", pool.name(), e);
            return false;
        } finally {
            asked(start);
        }
    }

    private void close(Connection connection) {
        try {
            pool.evict(connection);
        } catch (Throwable e) {
            logger.warn("Pool {} could not close a connection that was taken back", pool.name(), e);
        }
    }

    private boolean mayAsk() {
        return System.nanoTime() - askAgainNanos.get() >= 0;
    }

    private void asked(long startNanos) {
        long now = System.nanoTime();
        if (now - startNanos >= SLOW_NANOS) {
            askAgainNanos.set(now + UNASKED_NANOS);
        }
    }
}
