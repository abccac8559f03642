package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;

/** A batch of appends that the current thread sends, for itself and for others who wait for it. */
final class BatchQuery extends Watched {

    private final List<PendingAppend> batch;
    private volatile boolean sent;

    BatchQuery(Connection connection, Duration limit, List<PendingAppend> batch) {
        super(connection, limit);
        this.batch = batch;
    }

    void aboutToSend() {
        sent = true;
    }

    /** Returns whether something was sent. If not, nothing can have been appended. */
    boolean isSent() {
        return sent;
    }

    @Override
    boolean isAwaited() {
        return true;
    }

    /** The interrupted ones are taken out of the batch then, and the others sent again. */
    @Override
    boolean isInterrupted() {
        boolean interrupted = false;
        for (PendingAppend append : batch) {
            interrupted |= append.isInterrupted();
        }
        return interrupted;
    }

    @Override
    void end() {
        cancelQuery();
    }
}
