package io.crablet.pool.postgres;

import io.crablet.pool.ServerSessions;
import io.crablet.pool.ServerSnapshot;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one connection a probe asks through. It is kept open, so that its slot is there when all others are taken. */
final class SideConnection {

    private static final Logger logger = LoggerFactory.getLogger(SideConnection.class);

    /**
     * Roles that may not see the sessions of others see their rows, but neither state nor backend type. Parallel workers
     * and autovacuum take no slot of max_connections.
     */
    private static final String SESSIONS = """
            SELECT count(*),
                   current_setting('max_connections')::int,
                   count(*) FILTER (WHERE state LIKE 'idle in transaction%'
                                      AND state_change < clock_timestamp() - make_interval(secs => ?)),
                   count(*) FILTER (WHERE state = 'active'
                                      AND query_start < clock_timestamp() - make_interval(secs => ?)),
                   count(*) FILTER (WHERE wait_event_type = 'Lock'),
                   count(*) FILTER (WHERE backend_type IS NULL)
              FROM pg_stat_activity
             WHERE backend_type = 'client backend'
                OR backend_type IS NULL AND datid IS NOT NULL AND usesysid IS NOT NULL
            """;

    private final Connection connection;

    private final ProbeSettings settings;

    private final String product;

    private final String version;

    SideConnection(ConnectionSource source, ProbeSettings settings) throws SQLException {
        this.settings = settings;
        this.connection = source.open(settings.timeLimit());
        try {
            connection.setClientInfo("ApplicationName", DatabaseProbe.APPLICATION_NAME);
            // For what the query's own timeout cannot end: a network that swallows everything.
            connection.setNetworkTimeout(Runnable::run, (int) networkTimeout().toMillis());
            DatabaseMetaData database = connection.getMetaData();
            this.product = database.getDatabaseProductName();
            this.version = database.getDatabaseProductVersion();
        } catch (SQLException | RuntimeException e) {
            abort();
            throw e;
        }
    }

    String product() {
        return product;
    }

    String version() {
        return version;
    }

    /** Asks the database something. Returns null if it answers, but not to this question. */
    @Nullable
    ServerSnapshot ask(Instant at) throws SQLException {
        int seconds = (int) Math.max(1, settings.timeLimit().toSeconds());
        if (!product.equals("PostgreSQL")) {
            if (!connection.isValid(seconds)) {
                throw new SQLException("The connection is no longer valid", "08006");
            }
            return null;
        }
        try (PreparedStatement query = connection.prepareStatement(SESSIONS)) {
            query.setQueryTimeout(seconds);
            query.setDouble(1, seconds(settings.idleInTransaction()));
            query.setDouble(2, seconds(settings.longQuery()));
            try (ResultSet row = query.executeQuery()) {
                row.next();
                ServerSessions counts = new ServerSessions(
                        row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4), row.getInt(5), row.getInt(6));
                return new ServerSnapshot(
                        at,
                        counts,
                        Map.of(),
                        false,
                        "the sessions are only counted",
                        Map.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
            }
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (state != null && state.startsWith("42")) {
                logger.debug("The server's sessions cannot be seen", e);
                return null;
            }
            throw e;
        }
    }

    void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            logger.debug("The side connection did not close in order", e);
        }
    }

    /** Closes the connection without a word to the server, while it is in use or the network may swallow everything. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            logger.debug("The side connection could not be aborted", e);
        }
    }

    private Duration networkTimeout() {
        return settings.timeLimit().plusMillis(500);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
