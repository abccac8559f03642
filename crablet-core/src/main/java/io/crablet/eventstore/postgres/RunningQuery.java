package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A query that the current thread is about to send, and waits for. */
final class RunningQuery extends QueryGuard.Watched {

    private static final Logger logger = LoggerFactory.getLogger(RunningQuery.class);

    private final Connection connection;
    private final Thread thread = Thread.currentThread();

    RunningQuery(Connection connection, Duration limit) {
        super(limit);
        this.connection = connection;
    }

    @Override
    @Nullable
    Thread waitingThread() {
        return thread;
    }

    @Override
    void cancel() {
        cancel(connection);
    }

    @Override
    void cut() {
        cut(connection);
    }

    static void cancel(Connection connection) {
        try {
            connection.unwrap(PGConnection.class).cancelQuery();
        } catch (SQLException e) {
            logger.warn(
                    "A query could not be cancelled on the server (SQLState {}); tried again, then cut off",
                    e.getSQLState(),
                    e);
        }
    }

    static void cut(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            logger.warn("A connection whose query does not end could not be cut (SQLState {})", e.getSQLState(), e);
        }
    }
}
