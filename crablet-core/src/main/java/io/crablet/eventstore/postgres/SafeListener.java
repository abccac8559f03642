package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the work that it is told of. */
final class SafeListener implements EventStoreListener {

    private static final Logger logger = LoggerFactory.getLogger(SafeListener.class);

    private final EventStoreListener delegate;

    SafeListener(EventStoreListener delegate) {
        this.delegate = delegate;
    }

    @Override
    public void readStarted(Query query) {
        call(() -> delegate.readStarted(query));
    }

    @Override
    public void readFinished(Query query) {
        call(() -> delegate.readFinished(query));
    }

    private void call(Runnable notification) {
        try {
            notification.run();
        } catch (RuntimeException e) {
            logger.warn(
                    "{} failed; the event store goes on", delegate.getClass().getName(), e);
        }
    }
}
