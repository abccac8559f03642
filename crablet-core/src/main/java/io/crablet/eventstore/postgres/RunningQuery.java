package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.time.Duration;

/** A query that the current thread is about to send, and waits for. */
final class RunningQuery extends Watched {

    private final Thread thread = Thread.currentThread();

    RunningQuery(Connection connection, Duration limit) {
        super(connection, limit);
    }

    @Override
    boolean isAwaited() {
        return true;
    }

    @Override
    boolean isInterrupted() {
        return thread.isInterrupted();
    }

    @Override
    void end() {
        cancelQuery();
    }
}
