package io.crablet.pool.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The one question of a round: all sessions of the server, who waits for whom, and who holds an append lock. */
final class SessionQuery {

    /**
     * Needs no rights; what the role may not see is null. All ages are by the server's own clock.
     *
     * <p>Roles that may not see the sessions of others see their rows, but neither state nor backend type. The server's own
     * processes come along, as a condition here would have the planner expect a single row and choose nested loops. The
     * classid is that of crablet_append. A lock may also be held by a prepared transaction: that is a row with nothing but the
     * lock. Text of a database with another encoding cannot be cut safely.
     *
     * <p>For pg_blocking_pids the server stops all who want a lock, so it is called for those only that have waited longest.
     */
    private static final String SESSIONS = """
            WITH /* crablet-watch */ own AS MATERIALIZED (
                SELECT oid, encoding FROM pg_database WHERE datname = current_database()
            ), lock AS MATERIALIZED (
                SELECT l.pid,
                       bool_or(NOT l.granted) AS waits,
                       min(l.waitstart) AS wait_start,
                       array_agg(n.nspname::text) FILTER (WHERE l.granted) AS holds,
                       min(n.nspname::text) FILTER (WHERE NOT l.granted) AS awaits
                  FROM pg_locks l
                  LEFT JOIN pg_class c
                         ON l.locktype = 'advisory' AND l.classid = 1668440418 AND l.objid = c.oid AND l.objsubid = 1
                        AND l.database = (SELECT oid FROM own)
                        AND c.relname = 'crablet_events'
                  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE NOT l.granted OR n.oid IS NOT NULL
                 GROUP BY l.pid
            )
            SELECT coalesce(s.pid, lock.pid, 0) AS pid,
                   coalesce(s.backend_type = 'client backend',
                            s.datid IS NOT NULL AND s.usesysid IS NOT NULL) AS client,
                   s.backend_type IS NOT NULL AS visible,
                   coalesce(s.datid = (SELECT oid FROM own), false) AS here,
                   s.datname,
                   s.usename,
                   s.application_name,
                   s.state,
                   s.wait_event_type,
                   s.wait_event,
                   extract(epoch FROM clock_timestamp() - s.xact_start)::float8 AS transaction_age,
                   extract(epoch FROM clock_timestamp() - s.query_start)::float8 AS query_age,
                   extract(epoch FROM clock_timestamp() - s.state_change)::float8 AS state_age,
                   CASE WHEN s.backend_type IS NOT NULL
                         AND (s.datid = (SELECT oid FROM own)
                              OR s.state <> 'idle'
                                 AND s.datid IN (SELECT d.oid FROM pg_database d WHERE d.encoding = (SELECT encoding FROM own)))
                        THEN left(s.query, 1000)
                    END AS query,
                   coalesce(lock.waits, false) AS waits,
                   extract(epoch FROM clock_timestamp() - lock.wait_start)::float8 AS wait_age,
                   CASE WHEN lock.waits AND row_number() OVER (PARTITION BY lock.waits ORDER BY lock.wait_start) <= 100
                        THEN pg_blocking_pids(lock.pid)
                    END AS blocked_by,
                   lock.holds,
                   lock.awaits,
                   current_setting('max_connections')::int AS max_connections,
                   current_setting('superuser_reserved_connections')::int
                       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved
              FROM pg_stat_activity s
              FULL JOIN lock ON lock.pid = s.pid
            """;

    /**
     * What the question brought.
     *
     * @param maxConnections sessions the server allows
     * @param reserved the part of them that is kept for superusers and whom they trust
     * @param rows the sessions, and what else holds or waits for locks
     */
    record Found(int maxConnections, int reserved, List<SessionRow> rows) {}

    private SessionQuery() {}

    /** Asks with a plain statement, which a pooler in between cannot take for one that it has never prepared. */
    static Found ask(Connection connection, int timeoutSeconds) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeoutSeconds);
            try (ResultSet row = statement.executeQuery(SESSIONS)) {
                int maxConnections = 0;
                int reserved = 0;
                List<SessionRow> rows = new ArrayList<>();
                while (row.next()) {
                    maxConnections = row.getInt("max_connections");
                    reserved = row.getInt("reserved");
                    rows.add(SessionRow.of(row));
                }
                return new Found(maxConnections, reserved, rows);
            }
        }
    }
}
