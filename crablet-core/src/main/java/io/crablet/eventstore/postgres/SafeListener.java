package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells several listeners, and keeps what they throw away from the work that they are told of. */
final class SafeListener implements EventStoreListener {

    private static final Logger logger = LoggerFactory.getLogger(SafeListener.class);

    private final List<EventStoreListener> listeners;

    SafeListener(List<EventStoreListener> listeners) {
        this.listeners = listeners;
    }

    @Override
    public void storeBuilt(IntSupplier queuedAppends) {
        tell(listener -> listener.storeBuilt(queuedAppends));
    }

    @Override
    public void readStarted(Query query) {
        tell(listener -> listener.readStarted(query));
    }

    @Override
    public void readFinished(Query query) {
        tell(listener -> listener.readFinished(query));
    }

    @Override
    public void readMeasured(Query query, Duration duration) {
        tell(listener -> listener.readMeasured(query, duration));
    }

    @Override
    public void streamOpened(Query query) {
        tell(listener -> listener.streamOpened(query));
    }

    @Override
    public void streamClosed(Query query) {
        tell(listener -> listener.streamClosed(query));
    }

    @Override
    public void streamForgotten(Query query, Connection connection) {
        tell(listener -> listener.streamForgotten(query, connection));
    }

    @Override
    public void appendFinished(Outcome outcome, int events, Duration duration) {
        tell(listener -> listener.appendFinished(outcome, events, duration));
    }

    @Override
    public void batchSent(int requests) {
        tell(listener -> listener.batchSent(requests));
    }

    @Override
    public void eventsCommitted(int events) {
        tell(listener -> listener.eventsCommitted(events));
    }

    @Override
    public void headSeen(long position) {
        tell(listener -> listener.headSeen(position));
    }

    private void tell(Consumer<EventStoreListener> notification) {
        for (EventStoreListener listener : listeners) {
            try {
                notification.accept(listener);
            } catch (RuntimeException | LinkageError | AssertionError e) {
                logger.warn(
                        "{} failed; the event store goes on",
                        listener.getClass().getName(),
                        e);
            }
        }
    }
}
