package io.crablet.eventstore.postgres;

import io.crablet.eventstore.SequencedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A server-side cursor, with the read-only transaction that it needs, unless it takes part in the caller's.
 *
 * <p>The driver has three conditions for a cursor, and loads the whole result in silence where one is not met: a fetch size, a
 * forward-only result and an open transaction. This class fails instead.
 */
final class Cursor implements AutoCloseable {

    private final Connection connection;
    private final boolean ownsTransaction;
    private final boolean autoCommitBefore;
    private final boolean readOnlyBefore;
    private @Nullable PreparedStatement statement;
    private @Nullable ResultSet rows;

    /** Begins the transaction if there is none. The query is sent by the first {@link #next}. */
    Cursor(Connection connection, boolean isInTransaction) throws SQLException {
        this.connection = connection;
        this.ownsTransaction = !isInTransaction;
        this.autoCommitBefore = connection.getAutoCommit();
        this.readOnlyBefore = connection.isReadOnly();
        if (ownsTransaction) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
        }
    }

    void open(EventQuery query, int fetchSize) throws SQLException {
        requireCursorSupport();
        PreparedStatement prepared = connection.prepareStatement(
                query.sql(),
                ResultSet.TYPE_FORWARD_ONLY,
                ResultSet.CONCUR_READ_ONLY,
                ResultSet.CLOSE_CURSORS_AT_COMMIT);
        statement = prepared;
        prepared.setFetchSize(fetchSize);
        if (prepared.getFetchSize() != fetchSize) {
            throw refused("something between the store and the driver has dropped the fetch size");
        }
        query.bind(connection, prepared);
        rows = prepared.executeQuery();
    }

    /** Returns the next event, or null after the last. */
    @Nullable
    SequencedEvent next() throws SQLException {
        ResultSet current = rows;
        return current != null && current.next() ? EventRows.event(current) : null;
    }

    private void requireCursorSupport() throws SQLException {
        if (!connection.isWrapperFor(PGConnection.class)) {
            throw refused("the connection is not one of the PostgreSQL JDBC driver");
        }
        if (connection.unwrap(PGConnection.class).getPreferQueryMode() == PreferQueryMode.SIMPLE) {
            throw refused("the driver has no cursors with preferQueryMode=simple");
        }
        if (connection.getAutoCommit()) {
            throw refused("the connection is in auto-commit mode, in spite of the transaction");
        }
    }

    private static InvalidDataAccessApiUsageException refused(String reason) {
        return new InvalidDataAccessApiUsageException(
                "a cursor stream is not possible here, and the whole result would be" + " loaded into memory: " + reason
                        + "; use StreamMode.PAGED, or mend the connection's settings");
    }

    /** Closes the result, and ends the transaction if it began here. The connection is as it was before. */
    @Override
    public void close() throws SQLException {
        try {
            if (statement != null) {
                statement.close();
            }
        } finally {
            if (ownsTransaction) {
                connection.rollback();
                connection.setAutoCommit(autoCommitBefore);
                connection.setReadOnly(readOnlyBefore);
            }
        }
    }
}
