package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.SafeText;
import io.crablet.pool.TopStatement;
import io.crablet.pool.TopStatements;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The question for the statements of a pool's role that took most of the server's time. */
final class StatementQuery {

    private static final Logger logger = LoggerFactory.getLogger(StatementQuery.class);

    /**
     * A statement that functions call too has two rows, so they are added up. One that was planned but never run has no calls. The watch's
     * own say in a comment that they are, which the server keeps; texts are long, so only those of the first are looked at.
     */
    private static final String TOP = """
            SELECT /* crablet-watch */ top.query_id, top.calls, top.total_ms, top.max_ms, top.row_count, top.blocks_hit, top.blocks_read,
                   left(top.query, 1000) AS statement
              FROM (SELECT s.queryid::text AS query_id,
                           min(s.query) AS query,
                           sum(s.calls)::bigint AS calls,
                           sum(s.total_exec_time) AS total_ms,
                           max(s.max_exec_time) AS max_ms,
                           sum(s.rows)::bigint AS row_count,
                           sum(s.shared_blks_hit)::bigint AS blocks_hit,
                           sum(s.shared_blks_read)::bigint AS blocks_read
                      FROM %s.pg_stat_statements s
                     WHERE s.userid = %d
                       AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND s.queryid IS NOT NULL
                     GROUP BY s.queryid
                    HAVING sum(s.calls) > 0
                     ORDER BY total_ms DESC, query_id
                     LIMIT %d) top
             WHERE coalesce(left(top.query, 100), '') NOT LIKE '%%/* crablet-watch */%%'
             ORDER BY top.total_ms DESC, top.query_id
             LIMIT %d
            """;

    /** More than the watch has statements of its own. */
    private static final int OWN = 30;

    private static final String RESET = "SELECT /* crablet-watch */ stats_reset FROM %s.pg_stat_statements_info";

    private final Connection connection;

    private final int timeoutSeconds;

    StatementQuery(Connection connection, int timeoutSeconds) {
        this.connection = connection;
        this.timeoutSeconds = timeoutSeconds;
    }

    /**
     * Asks. What the server refuses is a hint; only a connection that has failed, or a server that takes too long, is a failure.
     *
     * @param watch the session that asks
     * @param pool a session as the pool's are
     * @param takenAt the time now
     */
    TopStatements ask(SessionIdentity watch, SessionIdentity pool, Instant takenAt) throws SQLException {
        String elsewhere = pool.whyElsewhere(watch);
        if (elsewhere != null) {
            return TopStatements.hidden(takenAt, elsewhere);
        }
        try {
            StatementExtension extension = StatementExtension.of(connection, timeoutSeconds);
            String hint = extension.hint(pool.role() == watch.role());
            return hint == null ? ask(extension, pool, takenAt) : TopStatements.hidden(takenAt, hint);
        } catch (SQLException e) {
            DatabaseFailure failure = DatabaseFailure.of(e);
            if (!failure.serverAnswered() || failure == DatabaseFailure.SLOW) {
                throw e;
            }
            logger.debug("The server's statements cannot be seen", e);
            return TopStatements.hidden(
                    takenAt,
                    "pg_stat_statements could not be read: %s, SQLState %s. %s"
                            .formatted(failure.reason(), e.getSQLState(), failure.advice()));
        }
    }

    private TopStatements ask(StatementExtension extension, SessionIdentity pool, Instant takenAt) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeoutSeconds);
            Instant since = extension.tellsReset() ? reset(statement, RESET.formatted(extension.schema())) : null;
            String top = TOP.formatted(
                    extension.schema(), pool.role(), TopStatements.MAX_LISTED + OWN, TopStatements.MAX_LISTED);
            List<TopStatement> statements = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(top)) {
                while (row.next()) {
                    statements.add(statement(row));
                }
            }
            return new TopStatements(takenAt, since, statements, null);
        }
    }

    private static @Nullable Instant reset(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            OffsetDateTime reset = row.next() ? row.getObject(1, OffsetDateTime.class) : null;
            return reset == null ? null : reset.toInstant();
        }
    }

    private static TopStatement statement(ResultSet row) throws SQLException {
        String text = row.getString("statement");
        long calls = row.getLong("calls");
        double total = row.getDouble("total_ms");
        return new TopStatement(
                row.getString("query_id"),
                text == null ? null : SafeText.ofSql(text),
                calls,
                duration(total),
                duration(total / calls),
                duration(row.getDouble("max_ms")),
                row.getLong("row_count"),
                row.getLong("blocks_hit"),
                row.getLong("blocks_read"));
    }

    private static Duration duration(double millis) {
        return Duration.ofNanos(Math.round(millis * 1e6));
    }
}
