package io.crablet.pool.postgres;

import io.crablet.pool.ledger.SessionInspector;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** What the ledger has to know of PostgreSQL. Of another database's connections it knows nothing. */
public final class PostgresSessions implements SessionInspector {

    /**
     * What survives a rollback, and the session's name if nothing does. The pool itself puts back the settings that JDBC has
     * methods for, and the name of the application harms nobody. The user that has logged in is not the one of {@code
     * session_user} after a {@code SET SESSION AUTHORIZATION}.
     */
    private static final String NAME_IF_AS_LENT = """
            SELECT current_setting('application_name')
             WHERE current_user = session_user
               AND session_user = (SELECT rolname FROM pg_stat_get_activity(pg_backend_pid()) JOIN pg_roles ON pg_roles.oid = usesysid)
               AND pg_my_temp_schema() = 0
               AND NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')
               AND NOT EXISTS (SELECT FROM pg_listening_channels())
               AND NOT EXISTS (SELECT FROM pg_cursors WHERE is_holdable)
               AND NOT EXISTS (SELECT FROM pg_prepared_statements WHERE from_sql)
               AND NOT EXISTS (SELECT FROM pg_settings
                                WHERE source = 'session'
                                  AND setting IS DISTINCT FROM reset_val
                                  AND name NOT IN ('application_name',
                                                   'default_transaction_isolation',
                                                   'default_transaction_read_only',
                                                   'transaction_isolation',
                                                   'transaction_read_only'))
            """;

    /** No view shows an application's own settings, such as {@code app.tenant}. To undo them undoes the session's name too. */
    private static final String RESET = """
            RESET ALL;
            SELECT set_config('application_name', ?, false)
            """;

    /** Makes an inspector. */
    public PostgresSessions() {}

    @Override
    public int backendPid(Connection connection) {
        try {
            return connection.isWrapperFor(PGConnection.class)
                    ? connection.unwrap(PGConnection.class).getBackendPID()
                    : 0;
        } catch (SQLException notOpen) {
            return 0;
        }
    }

    @Override
    public void cancel(Connection connection) throws SQLException {
        if (connection.isWrapperFor(PGConnection.class)) {
            connection.unwrap(PGConnection.class).cancelQuery();
        }
    }

    @Override
    public boolean isAsLent(Connection connection) throws SQLException {
        if (!connection.isWrapperFor(BaseConnection.class) || isInTransaction(connection)) {
            return false;
        }
        String name = nameIfAsLent(connection);
        if (name != null) {
            reset(connection, name);
        }
        return name != null;
    }

    /** The driver knows of a transaction that was begun in SQL, which it does not roll back, as the pool does not. */
    private static boolean isInTransaction(Connection connection) throws SQLException {
        return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    private static @Nullable String nameIfAsLent(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(NAME_IF_AS_LENT)) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    private static void reset(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(RESET)) {
            statement.setString(1, name);
            statement.execute();
        }
    }
}
