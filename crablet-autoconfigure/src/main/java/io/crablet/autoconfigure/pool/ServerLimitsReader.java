package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariConnections;
import io.crablet.pool.postgres.ServerLimits;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reads the limits of the server that a pool connects to, in bounded time. */
final class ServerLimitsReader {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private ServerLimitsReader() {}

    /**
     * Reads the limits over one connection of its own, which is closed again. A pool that has started already lends one of
     * its own instead: it may have taken the last that the server had.
     *
     * @return the limits; null if the database is not PostgreSQL
     * @throws SQLException if the server cannot be reached or does not answer in time
     */
    static @Nullable ServerLimits read(HikariDataSource pool) throws SQLException {
        return read(pool, pool.isRunning());
    }

    /**
     * Reads the limits over one connection of its own, also of a pool that has started and may be exhausted.
     *
     * @return the limits; null if the database is not PostgreSQL
     * @throws SQLException if the server cannot be reached, has no slot left or does not answer in time
     */
    static @Nullable ServerLimits readWithoutBorrowing(HikariDataSource pool) throws SQLException {
        return read(pool, false);
    }

    private static @Nullable ServerLimits read(HikariDataSource pool, boolean borrow) throws SQLException {
        String url = pool.getJdbcUrl();
        if (pool.getDataSource() == null && pool.getDataSourceClassName() == null && !isPostgres(url)) {
            return null;
        }
        FutureTask<@Nullable ServerLimits> task = new FutureTask<>(() -> ask(pool, borrow));
        // Not every step of a connection has a time limit that we may set, so the wait for it has one.
        Thread thread = new Thread(task, "crablet-capacity-check");
        thread.setDaemon(true);
        thread.start();
        return await(task);
    }

    private static @Nullable ServerLimits ask(HikariDataSource pool, boolean borrow) throws SQLException {
        try (Connection connection = borrow ? pool.getConnection() : new HikariConnections(pool).open(TIMEOUT)) {
            if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                return null;
            }
            if (!borrow) {
                connection.setClientInfo("ApplicationName", ServerLimits.APPLICATION_NAME);
            }
            return ServerLimits.read(connection);
        }
    }

    private static @Nullable ServerLimits await(FutureTask<@Nullable ServerLimits> task) throws SQLException {
        try {
            return task.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException sqlException) {
                throw sqlException;
            }
            throw new SQLException("No connection could be made", e.getCause());
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new SQLTimeoutException("No answer within " + TIMEOUT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted", e);
        }
    }

    private static boolean isPostgres(@Nullable String url) {
        // Testcontainers' driver, jdbc:tc:, stops the container when the last connection to it is closed: the check's
        // own.
        // Drivers that wrap another one put their name in between, as in jdbc:p6spy:postgresql:.
        return url != null && url.startsWith("jdbc:") && !url.startsWith("jdbc:tc:") && url.contains(":postgresql:");
    }
}
