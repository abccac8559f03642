package io.crablet.pool.postgres;

import io.crablet.pool.ledger.SessionInspector;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** What the ledger has to know of PostgreSQL. Of another database's connections it knows nothing. */
public final class PostgresSessions implements SessionInspector {

    private static final int TIMEOUT_SECONDS = 5;

    /**
     * What survives a rollback. The pool itself puts back the settings that JDBC has methods for, and the name of the
     * application harms nobody.
     */
    private static final String IS_AS_LENT = """
            SELECT current_user = session_user
               AND NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')
               AND NOT EXISTS (SELECT FROM pg_listening_channels())
               AND NOT EXISTS (SELECT FROM pg_cursors WHERE is_holdable)
               AND NOT EXISTS (SELECT FROM pg_prepared_statements WHERE from_sql)
               AND NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_my_temp_schema())
               AND NOT EXISTS (SELECT FROM pg_settings
                                WHERE source = 'session'
                                  AND setting IS DISTINCT FROM reset_val
                                  AND name NOT IN ('application_name',
                                                   'default_transaction_isolation',
                                                   'default_transaction_read_only',
                                                   'transaction_isolation',
                                                   'transaction_read_only'))
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
        if (!connection.isWrapperFor(PGConnection.class)) {
            return false;
        }
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(TIMEOUT_SECONDS);
            try (ResultSet row = statement.executeQuery(IS_AS_LENT)) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
