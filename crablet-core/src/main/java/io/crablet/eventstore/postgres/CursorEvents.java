package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.SequencedEvent;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Spliterators;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Events through a {@link Cursor}. The connection goes back at the end of the events, when the stream is closed, when the
 * consumer throws, when the thread is interrupted in a fetch, and when the time is up, whatever the consumer does then.
 */
final class CursorEvents extends Spliterators.AbstractSpliterator<SequencedEvent> implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(CursorEvents.class);

    private static final String TASK = "cursor stream";

    private final Sessions sessions;
    private final EventStoreListener listener;
    private final Query query;
    private final EventQuery sql;
    private final int fetchSize;
    private final Duration timeout;

    /** Guards the state below. Who holds it uses the cursor, so that time being up means to cancel, not to close. */
    private final ReentrantLock inUse = new ReentrantLock();

    private @Nullable Session session;
    private boolean ended;

    /** Set where the guard has ended the stream while the consumer was elsewhere. */
    private volatile QueryGuard.@Nullable Reason endedBy;

    CursorEvents(
            Sessions sessions,
            EventStoreListener listener,
            Query query,
            EventQuery sql,
            int fetchSize,
            Duration timeout) {
        super(Long.MAX_VALUE, ORDERED | DISTINCT | NONNULL | IMMUTABLE);
        this.sessions = sessions;
        this.listener = listener;
        this.query = query;
        this.sql = sql;
        this.fetchSize = fetchSize;
        this.timeout = timeout;
    }

    @Override
    public boolean tryAdvance(Consumer<? super SequencedEvent> consumer) {
        SequencedEvent event = next();
        if (event == null) {
            return false;
        }
        try {
            consumer.accept(event);
        } catch (Throwable e) {
            closeAfter(e);
            throw e;
        }
        return true;
    }

    @Override
    public void close() {
        inUse.lock();
        try {
            end();
        } finally {
            inUse.unlock();
        }
    }

    private @Nullable SequencedEvent next() {
        inUse.lock();
        try {
            requireNotEnded();
            if (ended) {
                return null;
            }
            SequencedEvent event = fetch();
            if (event == null) {
                end();
            }
            return event;
        } catch (Throwable e) {
            closeAfter(e);
            throw e;
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

    private @Nullable SequencedEvent fetch() {
        Session current = session;
        if (current == null) {
            current = open();
            session = current;
            sessions.guard().watch(current);
        }
        return current.fetch();
    }

    private Session open() {
        listener.readStarted(query);
        listener.streamOpened(query);
        Lease lease = null;
        try {
            lease = sessions.borrow(Operation.streamCursor(query));
            return new Session(lease);
        } catch (Throwable e) {
            if (lease != null) {
                lease.close();
            }
            listener.streamClosed(query);
            listener.readFinished(query);
            throw e;
        }
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
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
        private @Nullable Cursor cursor;
        private volatile @Nullable Thread waiting;

        Session(Lease lease) {
            super(lease.connection(), lease.atMost(timeout));
            this.lease = lease;
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
                listener.streamClosed(query);
                listener.readFinished(query);
            }
        }

        @Override
        @Nullable
        Thread waitingThread() {
            return waiting;
        }

        @Override
        void end() {
            if (!inUse.tryLock()) {
                cancelQuery();
                return;
            }
            try {
                endedBy = reason();
                // Only its own thread can give back the connection of a transaction, and Spring does so at the latest.
                if (!lease.isInTransaction()) {
                    CursorEvents.this.end();
                }
            } finally {
                inUse.unlock();
            }
        }
    }
}
