package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A batch of appends that the current thread sends, for itself and for others who wait for it. */
final class BatchQuery extends Watched {

    /** For how long after sending an interrupt changes nothing. The answer mostly comes before, and many of them cannot keep all from it. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final List<PendingAppend> batch;
    private volatile boolean sent;
    private volatile long sentAt;

    BatchQuery(Connection connection, Duration limit, List<PendingAppend> batch) {
        super(connection, limit);
        this.batch = batch;
    }

    void aboutToSend() {
        sentAt = System.nanoTime();
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
        if (batch.size() > 1 && (!sent || System.nanoTime() - sentAt < PATIENCE_NANOS)) {
            return false;
        }
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
