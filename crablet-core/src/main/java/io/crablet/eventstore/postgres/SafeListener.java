package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import java.util.List;
import java.util.function.Consumer;
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
    public void readStarted(Query query) {
        tell(listener -> listener.readStarted(query));
    }

    @Override
    public void readFinished(Query query) {
        tell(listener -> listener.readFinished(query));
    }

    private void tell(Consumer<EventStoreListener> notification) {
        for (EventStoreListener listener : listeners) {
            try {
                notification.accept(listener);
            } catch (RuntimeException e) {
                logger.warn(
                        "{} failed; the event store goes on",
                        listener.getClass().getName(),
                        e);
            }
        }
    }
}
