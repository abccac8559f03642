package io.crablet.pool.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Which session of which server a connection is.
 *
 * @param driverPid the process that the driver takes for the connection's; 0 if it is not PostgreSQL's own driver
 * @param serverPid the process that the server says it is
 * @param serverStartedAt when the server was started, to the microsecond: tells servers apart, whatever their address
 * @param database the database
 * @param role the number of the role that its statements are run as
 */
record SessionIdentity(int driverPid, int serverPid, Instant serverStartedAt, String database, long role) {

    private static final String QUERY = """
            SELECT /* crablet-watch */
                   pg_backend_pid() AS pid,
                   pg_postmaster_start_time() AS started_at,
                   current_database() AS database,
                   quote_ident(current_user)::regrole::oid::bigint AS role
            """;

    static SessionIdentity of(Connection connection, int timeoutSeconds) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeoutSeconds);
            try (ResultSet row = statement.executeQuery(QUERY)) {
                row.next();
                return new SessionIdentity(
                        connection.isWrapperFor(PGConnection.class)
                                ? connection.unwrap(PGConnection.class).getBackendPID()
                                : 0,
                        row.getInt("pid"),
                        row.getObject("started_at", OffsetDateTime.class).toInstant(),
                        row.getString("database"),
                        row.getLong("role"));
            }
        }
    }

    /** Why the pool's connections, of which this is one, are not found among the watch's sessions; null if they are. */
    @Nullable
    String whyNotJoinable(SessionIdentity watch) {
        if (driverPid == 0) {
            return "The driver does not tell the server's process of a connection.";
        }
        if (driverPid != serverPid) {
            return "There is a pooler such as PgBouncer between the pool and the server: the driver takes a connection for "
                    + "process %d, the server says %d.".formatted(driverPid, serverPid);
        }
        return whyElsewhere(watch);
    }

    /** Why the watch does not see what the server records of the pool, of whose connections this is one; null if it does. */
    @Nullable
    String whyElsewhere(SessionIdentity watch) {
        if (!serverStartedAt.equals(watch.serverStartedAt)) {
            return "The watch's own address is another server than the pool's: that one was started at %s, the pool's at %s. "
                            .formatted(watch.serverStartedAt, serverStartedAt)
                    + "Point crablet.pool.server.url at the pool's.";
        }
        if (!database.equals(watch.database)) {
            return "The watch's own address is the database '%s', the pool's is '%s'. Name the pool's in crablet.pool.server.url."
                    .formatted(watch.database, database);
        }
        return null;
    }
}
