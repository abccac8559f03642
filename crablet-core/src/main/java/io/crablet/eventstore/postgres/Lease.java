package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreInterruptedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A connection for one piece of work: that of the caller's transaction on the same data source, or one of the store's own.
 *
 * <p>One of its own is never bound to the thread. In a scope without a transaction on this data source, such as
 * {@code SUPPORTS} or the transaction of another one, Spring would keep it to the scope's end and commit nothing on it.
 */
final class Lease implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(Lease.class);

    private final DataSource dataSource;
    private final Connection connection;
    private final @Nullable ConnectionHolder transaction;

    private Lease(DataSource dataSource, Connection connection, @Nullable ConnectionHolder transaction) {
        this.dataSource = dataSource;
        this.connection = connection;
        this.transaction = transaction;
    }

    /** Takes the connection of the caller's transaction, or else borrows one. */
    static Lease take(LabelledConnections connections, Operation operation) {
        Lease shared = ofTransaction(connections);
        return shared != null ? shared : borrow(connections, operation);
    }

    /** Takes the connection of the caller's transaction; null if there is none. */
    static @Nullable Lease ofTransaction(LabelledConnections connections) {
        try {
            return takeShared(connections.dataSource());
        } catch (SQLException e) {
            throw noConnection(e);
        }
    }

    /** Borrows a connection of its own, whatever the caller's transaction. */
    static Lease borrow(LabelledConnections connections, Operation operation) {
        try {
            return new Lease(connections.dataSource(), connections.borrow(operation), null);
        } catch (SQLException e) {
            throw noConnection(e);
        }
    }

    private static DataAccessException noConnection(SQLException e) {
        return Thread.currentThread().isInterrupted()
                ? new EventStoreInterruptedException(
                        "waiting for a connection was given up: the thread was interrupted; nothing was sent", e)
                : new CannotGetJdbcConnectionException("the event store has got no connection", e);
    }

    /** A connection that is bound but commits by itself belongs to no transaction, and its owner may be busy with it. */
    private static @Nullable Lease takeShared(DataSource dataSource) throws SQLException {
        ConnectionHolder holder = (ConnectionHolder) TransactionSynchronizationManager.getResource(dataSource);
        if (holder == null) {
            return null;
        }
        Connection bound = DataSourceUtils.getConnection(dataSource);
        boolean isInTransaction = false;
        try {
            isInTransaction = !bound.getAutoCommit();
            return isInTransaction ? new Lease(dataSource, bound, holder) : null;
        } finally {
            if (!isInTransaction) {
                DataSourceUtils.releaseConnection(bound, dataSource);
            }
        }
    }

    Connection connection() {
        return connection;
    }

    /** Tells whether somebody else commits what is done here, and gives the connection back. */
    boolean isInTransaction() {
        return transaction != null;
    }

    /** Returns the limit, or what is left of the transaction's own timeout if that is less. */
    Duration atMost(Duration limit) {
        if (transaction == null || !transaction.hasTimeout()) {
            return limit;
        }
        Duration left = Duration.ofMillis(transaction.getTimeToLiveInMillis());
        return left.compareTo(limit) < 0 ? left : limit;
    }

    @Override
    public void close() {
        if (isInTransaction()) {
            DataSourceUtils.releaseConnection(connection, dataSource);
            return;
        }
        try {
            if (!connection.getAutoCommit()) {
                // Ends the transaction of a read; an append has committed by now or is to be undone.
                connection.rollback();
            }
        } catch (SQLException e) {
            logger.debug("A transaction could not be ended (SQLState {})", e.getSQLState(), e);
        }
        try {
            DataSourceUtils.doCloseConnection(connection, dataSource);
        } catch (SQLException | RuntimeException e) {
            // The pool finds out for itself that the connection is broken, and what was done on it is done.
            logger.debug("A connection could not be given back in order", e);
        }
    }
}
