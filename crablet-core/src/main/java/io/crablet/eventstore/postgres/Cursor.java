package io.crablet.eventstore.postgres;

import io.crablet.eventstore.SequencedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** Small, as nothing is known of the size of the events yet. */
    private static final int FIRST_FETCH = 10;

    /** As in {@link EventReader}, and in a statement of its own, as a cursor allows no other beside it. */
    private static final String WITHOUT_COMPILER = "set local jit = off";

    private final Connection connection;
    private final boolean ownsTransaction;
    private final boolean autoCommitBefore;
    private final boolean readOnlyBefore;
    private int maxFetchSize;
    private int fetchSize;
    private long largestEvent = 1;
    private @Nullable PreparedStatement statement;
    private @Nullable ResultSet rows;

    /** Begins the transaction if there is none. The query is sent by {@link #open}. */
    Cursor(Lease lease) throws SQLException {
        this.connection = lease.connection();
        this.ownsTransaction = !lease.isInTransaction();
        this.autoCommitBefore = connection.getAutoCommit();
        this.readOnlyBefore = connection.isReadOnly();
        if (ownsTransaction) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
        }
    }

    void open(EventQuery query, int fetchSize) throws SQLException {
        requireCursorSupport();
        try (Statement withoutCompiler = connection.createStatement()) {
            withoutCompiler.execute(WITHOUT_COMPILER);
        }
        PreparedStatement prepared = connection.prepareStatement(
                query.sql(),
                ResultSet.TYPE_FORWARD_ONLY,
                ResultSet.CONCUR_READ_ONLY,
                ResultSet.CLOSE_CURSORS_AT_COMMIT);
        statement = prepared;
        maxFetchSize = fetchSize;
        this.fetchSize = Math.min(FIRST_FETCH, fetchSize);
        prepared.setFetchSize(this.fetchSize);
        if (prepared.getFetchSize() < 1) {
            throw refused("something between the store and the driver has dropped the fetch size");
        }
        query.bind(connection, prepared);
        rows = prepared.executeQuery();
    }

    /** Returns the next event, or null after the last. */
    @Nullable
    SequencedEvent next() throws SQLException {
        ResultSet current = rows;
        if (current == null || !current.next()) {
            return null;
        }
        adaptFetchSize(current);
        return EventRows.event(current);
    }

    /** The next fetch holds as many of the largest event so far as have room. */
    private void adaptFetchSize(ResultSet current) throws SQLException {
        largestEvent = Math.max(largestEvent, EventRows.bytes(current));
        int fitting = (int) Math.max(1, Math.min(maxFetchSize, EventQuery.PAGE_BYTES / largestEvent));
        if (fitting != fetchSize) {
            fetchSize = fitting;
            current.setFetchSize(fitting);
        }
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
                "a cursor stream is not possible here, and the whole result would be loaded into memory: " + reason
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
