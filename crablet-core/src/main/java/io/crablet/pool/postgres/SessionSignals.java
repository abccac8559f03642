package io.crablet.pool.postgres;

import io.crablet.pool.SafeText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Tells sessions to cancel their statement, or to end. Never the watch's own, whichever instance's, never those of other
 * databases or of superusers, never what is not a client.
 *
 * @param connection a connection to the server
 * @param timeoutSeconds how long it has to answer
 */
record SessionSignals(Connection connection, int timeoutSeconds) {

    /**
     * Looks and acts in one statement, so that next to no time passes in between. It is not nothing: what was seen of a session is of
     * the statement's start, and a session may have gone on, or ended, by the time it is told. The first reason to refuse counts.
     */
    private static final String SIGNAL = """
            SELECT s.pid,
                   s.datname,
                   s.usename,
                   s.state,
                   extract(epoch FROM clock_timestamp() - s.state_change)::int AS seconds,
                   current_user AS signaller,
                   CASE
                       WHEN s.pid = pg_backend_pid() OR s.application_name = 'crablet-watch' THEN 'WATCH'
                       WHEN s.usesysid IS NULL OR s.backend_type <> 'client backend' THEN 'NO_CLIENT'
                       WHEN s.datid IS DISTINCT FROM d.oid THEN 'OTHER_DATABASE'
                       WHEN r.rolsuper IS DISTINCT FROM false THEN 'SUPERUSER'
                       WHEN NOT pg_has_role(s.usesysid, 'USAGE') AND NOT pg_has_role('pg_signal_backend', 'USAGE')
                            OR s.backend_type IS NULL THEN 'NOT_PERMITTED'
                       WHEN a.cancel AND s.state LIKE 'idle%' THEN 'NOTHING_TO_CANCEL'
                       WHEN a.cancel AND pg_cancel_backend(s.pid) THEN 'CANCELLED'
                       WHEN NOT a.cancel AND pg_terminate_backend(s.pid) THEN 'TERMINATED'
                       ELSE 'GONE'
                   END AS outcome
              FROM (SELECT ?::boolean AS cancel, ?::int AS pid, ?::float8 AS idle_seconds) a
             CROSS JOIN pg_stat_activity s
              JOIN pg_database d ON d.datname = current_database()
              LEFT JOIN pg_roles r ON r.oid = s.usesysid
             WHERE s.pid = a.pid
                OR s.datid = d.oid
               AND s.state LIKE 'idle in transaction%'
               AND s.state_change < clock_timestamp() - make_interval(secs => a.idle_seconds)
             ORDER BY s.state_change
            """;

    private enum Outcome {
        WATCH("it is a session of the watch itself"),
        NO_CLIENT("it is no client's session but works for the server itself, or for a replica"),
        OTHER_DATABASE("it is connected to another database, %2$s"),
        SUPERUSER("its role %3$s is a superuser"),
        NOT_PERMITTED("it is a session of role %3$s, and the watch's role %4$s is not permitted that: it needs "
                + "pg_signal_backend and pg_read_all_stats"),
        NOTHING_TO_CANCEL("it runs no statement that could be cancelled, it is %5$s; terminate would end it"),
        CANCELLED("Session %1$d of role %3$s, %5$s for %6$d s, was told to cancel its statement."),
        TERMINATED("Session %1$d of role %3$s, %5$s for %6$d s, was told to end."),
        GONE("there is no such session any more");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        SessionSignal of(ResultSet row) throws SQLException {
            boolean sent = this == CANCELLED || this == TERMINATED;
            int pid = row.getInt("pid");
            String message = (sent ? words : "Session %1$d was left alone: " + words + ".")
                    .formatted(
                            pid,
                            name(row, "datname"),
                            name(row, "usename"),
                            name(row, "signaller"),
                            row.getString("state"),
                            row.getInt("seconds"));
            return new SessionSignal(pid, sent, message);
        }

        private static String name(ResultSet row, String column) throws SQLException {
            String name = row.getString(column);
            return name == null ? "none" : SafeText.ofName(name);
        }
    }

    SessionSignal cancel(int pid) throws SQLException {
        return one(pid, signal(true, pid, null));
    }

    SessionSignal terminate(int pid) throws SQLException {
        return one(pid, signal(false, pid, null));
    }

    List<SessionSignal> terminateIdleInTransaction(Duration olderThan) throws SQLException {
        return signal(false, null, olderThan.toMillis() / 1000.0);
    }

    private static SessionSignal one(int pid, List<SessionSignal> signals) {
        return signals.isEmpty()
                ? new SessionSignal(pid, false, "Session %d was left alone: there is no such session.".formatted(pid))
                : signals.get(0);
    }

    private List<SessionSignal> signal(boolean cancel, @Nullable Integer pid, @Nullable Double idleSeconds)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SIGNAL)) {
            statement.setQueryTimeout(timeoutSeconds);
            if (statement.isWrapperFor(PGStatement.class)) {
                // A pooler in between may not know what was prepared by name.
                statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            }
            statement.setBoolean(1, cancel);
            statement.setObject(2, pid, Types.INTEGER);
            statement.setObject(3, idleSeconds, Types.DOUBLE);
            List<SessionSignal> signals = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    signals.add(Outcome.valueOf(row.getString("outcome")).of(row));
                }
            }
            return signals;
        }
    }
}
