package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work on the server that the {@link QueryGuard} looks after: it has a deadline, and may be of an interrupted thread, or for a
 * consumer that nothing can reach any more.
 */
abstract class Watched {

    private static final Logger logger = LoggerFactory.getLogger(Watched.class);

    private static final long CANCEL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Connection connection;
    private final int backendPid;
    private final long deadline;
    private volatile QueryGuard.@Nullable Reason reason;
    private @Nullable Thread cancelling;
    private long endedAt;
    private long cancelledAt;
    private boolean cut;
    private boolean released;

    Watched(Connection connection, Duration limit) {
        this.connection = connection;
        this.backendPid = backendPid(connection);
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    /** Returns whether a thread waits for the server now. */
    abstract boolean isAwaited();

    /** Returns whether a thread that waits for the server was interrupted. */
    abstract boolean isInterrupted();

    /** Ends the work, as its time is up, its thread interrupted or its consumer gone. In a thread of its own. */
    abstract void end();

    /** Returns whether the program can ask for the result no more. */
    boolean isForgotten() {
        return false;
    }

    /** Returns the server's process that does the work; 0 if it is not known. */
    final int backendPid() {
        return backendPid;
    }

    /** Returns why the work was ended; null if it was not. */
    final QueryGuard.@Nullable Reason reason() {
        return reason;
    }

    /** Returns whether there is nothing left to do about this work. */
    final synchronized boolean endIfDue(long now) {
        if (released || cut) {
            return true;
        }
        if (reason == null) {
            reason = reasonToEnd(now);
            if (reason != null) {
                endedAt = now;
                startCancel(now);
            }
        } else if (now - endedAt >= GIVE_UP_NANOS) {
            cut = true;
            if (isAwaited()) {
                logger.warn(
                        "The server (backend {}) has not answered a request to cancel a query; the connection is cut",
                        backendPid);
                cutConnection();
            }
        } else if (now - cancelledAt >= CANCEL_AGAIN_NANOS) {
            startCancel(now);
        }
        return cut;
    }

    private QueryGuard.@Nullable Reason reasonToEnd(long now) {
        if (isForgotten()) {
            return QueryGuard.Reason.FORGOTTEN;
        }
        if (now - deadline >= 0) {
            return QueryGuard.Reason.TIMEOUT;
        }
        return isInterrupted() ? QueryGuard.Reason.INTERRUPT : null;
    }

    private void startCancel(long now) {
        cancelledAt = now;
        if (cancelling == null || !cancelling.isAlive()) {
            Thread started = new Thread(null, this::end, "crablet-query-cancel", 0, false);
            started.setDaemon(true);
            cancelling = started;
            started.start();
        }
    }

    /** A cancel that is under way must not hit what the connection does next, so this waits for its end. */
    final void released() {
        Thread running;
        synchronized (this) {
            released = true;
            running = cancelling;
            // On a connection that was cut nothing more can be hit, and the cancel may hang on the same network.
            if (running == null || cut || running == Thread.currentThread()) {
                return;
            }
        }
        boolean interrupted = Thread.interrupted();
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the server to stop the running query. Opens a connection. */
    final void cancelQuery() {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            logger.debug("A query could not be cancelled on the server (SQLState {})", e.getSQLState(), e);
        }
    }

    /** Lets the thread go on at least. Nobody can use the connection again. */
    final void cutConnection() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            logger.warn("The connection could not be cut (SQLState {})", e.getSQLState(), e);
        }
    }

    private static int backendPid(Connection connection) {
        try {
            return connection.isWrapperFor(PGConnection.class)
                    ? connection.unwrap(PGConnection.class).getBackendPID()
                    : 0;
        } catch (SQLException e) {
            logger.debug("The backend's process id is not known (SQLState {})", e.getSQLState(), e);
            return 0;
        }
    }
}
