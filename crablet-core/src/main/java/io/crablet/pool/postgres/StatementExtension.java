package io.crablet.pool.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * What a database has of {@code pg_stat_statements}. Names are quoted for SQL where they have to be.
 *
 * @param database the database
 * @param watcher the role that asks
 * @param schema where the extension is; null if it was not created
 * @param track which statements it records; null if the server has not loaded its library
 * @param readable whether the role may read it
 * @param seesAll whether the role is shown the statements of others
 * @param hasExecutionTimes whether its columns are those of version 1.8 or later
 * @param tellsReset whether it tells since when it has recorded
 */
record StatementExtension(
        String database,
        String watcher,
        @Nullable String schema,
        @Nullable String track,
        boolean readable,
        boolean seesAll,
        boolean hasExecutionTimes,
        boolean tellsReset) {

    /** Needs no rights. The setting is listed only if the library is loaded, whatever the server's configuration says. */
    private static final String QUERY = """
            SELECT /* crablet-watch */
                   quote_ident(current_database()) AS database,
                   quote_ident(current_user) AS watcher,
                   quote_ident(n.nspname) AS schema,
                   (SELECT setting FROM pg_settings WHERE name = 'pg_stat_statements.track') AS track,
                   coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(v.oid, 'SELECT'), false) AS readable,
                   pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
                   EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = v.oid AND a.attname = 'total_exec_time') AS has_execution_times,
                   coalesce(has_table_privilege(i.oid, 'SELECT'), false) AS tells_reset
              FROM (VALUES ('pg_stat_statements')) AS wanted (name)
              LEFT JOIN pg_extension e ON e.extname = wanted.name
              LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
              LEFT JOIN pg_class v ON v.relnamespace = n.oid AND v.relname = 'pg_stat_statements'
              LEFT JOIN pg_class i ON i.relnamespace = n.oid AND i.relname = 'pg_stat_statements_info'
            """;

    private static final String NOT_LOADED =
            "The server does not record statements. Add pg_stat_statements to its shared_preload_libraries";

    static StatementExtension of(Connection connection, int timeoutSeconds) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(timeoutSeconds);
            try (ResultSet row = statement.executeQuery(QUERY)) {
                row.next();
                return new StatementExtension(
                        row.getString("database"),
                        row.getString("watcher"),
                        row.getString("schema"),
                        row.getString("track"),
                        row.getBoolean("readable"),
                        row.getBoolean("sees_all"),
                        row.getBoolean("has_execution_times"),
                        row.getBoolean("tells_reset"));
            }
        }
    }

    /**
     * Why the statements of a role cannot be seen, and what to do about it; null if they can.
     *
     * @param ownRole whether it is the role that asks
     */
    @Nullable
    String hint(boolean ownRole) {
        if (track == null) {
            return schema == null
                    ? "%s, restart it, and run CREATE EXTENSION pg_stat_statements in database %s."
                            .formatted(NOT_LOADED, database)
                    : NOT_LOADED + " and restart it.";
        }
        if (schema == null) {
            return "The server records statements, but database %s does not show them. ".formatted(database)
                    + "Run CREATE EXTENSION pg_stat_statements there, as a superuser.";
        }
        if (!hasExecutionTimes) {
            return "The extension pg_stat_statements of database %s is older than version 1.8. ".formatted(database)
                    + "Run ALTER EXTENSION pg_stat_statements UPDATE there.";
        }
        if (!readable) {
            return "Role %2$s may not read %1$s.pg_stat_statements. ".formatted(schema, watcher)
                    + "Run GRANT USAGE ON SCHEMA %1$s TO %2$s and GRANT SELECT ON %1$s.pg_stat_statements TO %2$s."
                            .formatted(schema, watcher);
        }
        if (!ownRole && !seesAll) {
            return "Role %1$s is not shown the statements of the pool's role. Run GRANT pg_read_all_stats TO %1$s."
                    .formatted(watcher);
        }
        return track.equals("none")
                ? "The server records no statements. Set pg_stat_statements.track to top, and reload its configuration."
                : null;
    }
}
