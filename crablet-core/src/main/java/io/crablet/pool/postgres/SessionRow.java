package io.crablet.pool.postgres;

import io.crablet.pool.SafeText;
import io.crablet.pool.ServerSession;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session as {@link SessionQuery} finds it.
 *
 * @param session what is shown of it
 * @param client whether it takes one of the server's connections
 * @param visible whether the watch's role may look into it
 * @param here whether it is connected to the watch's database
 * @param waits whether it waits for a lock
 * @param holds the schemas of the logs whose append lock it holds
 * @param awaits the schema of the log whose append lock it waits for
 */
record SessionRow(
        ServerSession session,
        boolean client,
        boolean visible,
        boolean here,
        boolean waits,
        List<String> holds,
        @Nullable String awaits) {

    static SessionRow of(ResultSet row) throws SQLException {
        String statement = row.getString("query");
        ServerSession session = new ServerSession(
                row.getInt("pid"),
                name(row.getString("datname")),
                name(row.getString("usename")),
                name(row.getString("application_name")),
                row.getString("state"),
                row.getString("wait_event_type"),
                row.getString("wait_event"),
                age(row, "transaction_age"),
                age(row, "query_age"),
                age(row, "state_age"),
                age(row, "wait_age"),
                statement == null || statement.isEmpty() ? null : SafeText.ofSql(statement),
                list(row.getArray("blocked_by"), Integer[].class));
        return new SessionRow(
                session,
                row.getBoolean("client"),
                row.getBoolean("visible"),
                row.getBoolean("here"),
                row.getBoolean("waits"),
                list(row.getArray("holds"), String[].class).stream()
                        .map(SafeText::ofName)
                        .toList(),
                name(row.getString("awaits")));
    }

    private static @Nullable String name(@Nullable String name) {
        return name == null || name.isEmpty() ? null : SafeText.ofName(name);
    }

    private static @Nullable Duration age(ResultSet row, String column) throws SQLException {
        double seconds = row.getDouble(column);
        return row.wasNull() ? null : Duration.ofMillis(Math.round(Math.max(0, seconds) * 1000));
    }

    private static <T> List<T> list(@Nullable Array array, Class<T[]> type) throws SQLException {
        return array == null ? List.of() : List.of(type.cast(array.getArray()));
    }
}
