package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.SequencedEvent;
import java.lang.ref.PhantomReference;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Events through a {@link Cursor}. The connection goes back at the end of the events, when the stream is closed, when the
 * consumer throws, when the thread is interrupted in a fetch, when the time is up, whatever the consumer does then, and
 * when the garbage collector has found that the program has forgotten the stream.
 */
final class CursorRead {

    private static final Logger logger = LoggerFactory.getLogger(CursorRead.class);

    private static final String TASK = "cursor stream";

    private final Sessions sessions;
    private final EventStoreListener listener;
    private final Query query;
    private final Operation operation;
    private final EventQuery sql;
    private final int fetchSize;
    private final Duration timeout;

    /** Guards the state below. Who holds it uses the cursor, so that time being up means to cancel, not to close. */
    private final ReentrantLock inUse = new ReentrantLock();

    private @Nullable Session session;
    private boolean ended;
    private boolean told;

    /** Set where the guard has ended the stream while the consumer was elsewhere. */
    private volatile QueryGuard.@Nullable Reason endedBy;

    CursorRead(
            Sessions sessions,
            EventStoreListener listener,
            Query query,
            EventQuery sql,
            int fetchSize,
            Duration timeout) {
        this.sessions = sessions;
        this.listener = listener;
        this.query = query;
        this.operation = Operation.streamCursor(query);
        this.sql = sql;
        this.fetchSize = fetchSize;
        this.timeout = timeout;
    }

    /**
     * Returns the next event, or null after the last. A failure does not end the read: who asked has to close it.
     *
     * @param consumer what the program has to hold in order to come back for the next one
     */
    @Nullable
    SequencedEvent next(Object consumer) {
        inUse.lock();
        try {
            requireNotEnded();
            if (ended) {
                return null;
            }
            SequencedEvent event = session(consumer).fetch();
            if (event == null) {
                end();
            }
            return event;
        } finally {
            inUse.unlock();
        }
    }

    void close() {
        inUse.lock();
        try {
            end();
        } finally {
            inUse.unlock();
        }
    }

    private void requireNotEnded() {
        QueryGuard.Reason reason = endedBy;
        if (reason != null) {
            throw ended(reason);
        }
        if (Thread.currentThread().isInterrupted()) {
            // A fetch is often too short for the guard to see it.
            throw ended(QueryGuard.Reason.INTERRUPT);
        }
    }

    private DataAccessException ended(QueryGuard.Reason reason) {
        return reason == QueryGuard.Reason.TIMEOUT
                ? StoreErrors.readTimeout(TASK, timeout, null)
                : StoreErrors.interrupted(TASK, null);
    }

    private Session session(Object consumer) {
        Session current = session;
        if (current == null) {
            current = open(consumer);
            session = current;
            sessions.guard().watch(current);
        }
        return current;
    }

    private Session open(Object consumer) {
        listener.readStarted(query);
        listener.streamOpened(query);
        Lease lease = null;
        try {
            lease = sessions.borrow(operation);
            return new Session(lease, consumer);
        } catch (Throwable e) {
            if (lease != null) {
                lease.close();
            }
            tellClosed();
            throw e;
        }
    }

    /** In a caller's transaction the time can be up, which is told, before the consumer closes the stream. */
    private void tellClosed() {
        if (!told) {
            told = true;
            listener.streamClosed(query);
            listener.readFinished(query);
        }
    }

    private void end() {
        ended = true;
        Session current = session;
        session = null;
        if (current != null) {
            current.close();
        }
    }

    /** The time in which a connection is held. */
    private final class Session extends Watched {

        private final Lease lease;

        /** Phantom, as a finalizer of the program's own may still close the stream, or bring it back. */
        private final PhantomReference<Object> consumer;

        private @Nullable Cursor cursor;
        private volatile @Nullable Thread waiting;

        Session(Lease lease, Object consumer) {
            super(lease.connection(), lease.atMost(timeout));
            this.lease = lease;
            this.consumer = new PhantomReference<>(consumer, null);
        }

        @Nullable
        SequencedEvent fetch() {
            waiting = Thread.currentThread();
            try {
                SequencedEvent event = next();
                QueryGuard.Reason reason = reason();
                if (reason != null) {
                    // A cancel may be on its way. To end here waits for it, so that it hits nothing else.
                    throw ended(reason);
                }
                return event;
            } catch (SQLException e) {
                throw StoreErrors.ofRead(TASK, e, sessions.reasonOf(e, this), timeout);
            } finally {
                waiting = null;
            }
        }

        private @Nullable SequencedEvent next() throws SQLException {
            Cursor current = cursor;
            if (current == null) {
                current = new Cursor(lease);
                cursor = current;
                current.open(sql, fetchSize);
            }
            return current.next();
        }

        void close() {
            // Still looked after: with the network gone, ending the transaction could take for ever.
            waiting = Thread.currentThread();
            try {
                if (cursor != null) {
                    cursor.close();
                }
            } catch (SQLException e) {
                // The pool finds out for itself that the connection is broken, and the consumer has all it asked for.
                logger.debug("A cursor's transaction could not be ended (SQLState {})", e.getSQLState(), e);
            } finally {
                waiting = null;
                sessions.guard().release(this);
                lease.close();
                tellClosed();
            }
        }

        @Override
        boolean isAwaited() {
            return waiting != null;
        }

        @Override
        boolean isInterrupted() {
            Thread thread = waiting;
            return thread != null && thread.isInterrupted();
        }

        @Override
        boolean isForgotten() {
            return consumer.refersTo(null);
        }

        @Override
        void end() {
            if (!inUse.tryLock()) {
                cancelQuery();
                return;
            }
            try {
                endedBy = reason();
                if (lease.isInTransaction()) {
                    leaveToTransaction();
                } else {
                    if (isForgotten()) {
                        tellForgotten();
                    }
                    CursorRead.this.end();
                }
            } finally {
                inUse.unlock();
            }
        }

        /**
         * Only its own thread can give back the connection of a transaction, and Spring does so at the latest. Not even the
         * statement is closed: pools keep lists of open statements which are not made for two threads, and the transaction's
         * may be at work. The server's cursor ends with the transaction.
         */
        private void leaveToTransaction() {
            tellClosed();
            if (isForgotten()) {
                sessions.guard().release(this);
            }
        }

        private void tellForgotten() {
            if (ended) {
                return;
            }
            logger.warn(
                    "\"{}\" was forgotten: it was not closed, and nothing can reach it any more. Its connection goes back"
                            + " to the pool now; use cursor streams in try-with-resources",
                    operation.label());
            listener.streamForgotten(query, lease.connection());
        }
    }
}
