package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreInterruptedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Borrows a connection for as long as one piece of work takes: the one of Spring's transaction where there is one. */
final class Sessions {

    private final DataSource dataSource;
    private final QueryGuard guard = new QueryGuard();

    Sessions(DataSource dataSource) {
        // Spring's transaction managers bind the connection to the target of such a proxy.
        DataSource target =
                dataSource instanceof TransactionAwareDataSourceProxy proxy ? proxy.getTargetDataSource() : null;
        this.dataSource = target == null ? dataSource : target;
    }

    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    interface Translator {
        DataAccessException translate(SQLException e, QueryGuard.@Nullable Reason reason);
    }

    /** Runs some work, and ends it on the server when it takes too long or its thread is interrupted. */
    <T> T run(Duration limit, Work<T> work, Translator translator) {
        Connection connection = borrow();
        try {
            RunningQuery query = new RunningQuery(connection, limit);
            guard.watch(query);
            try {
                return work.run(connection);
            } catch (SQLException e) {
                throw translator.translate(e, reasonOf(e, query));
            } finally {
                guard.release(query);
            }
        } finally {
            giveBack(connection);
        }
    }

    /** Returns why some work has failed; null if the database alone knows. */
    QueryGuard.@Nullable Reason reasonOf(SQLException e, Watched work) {
        boolean isConnectionLost = e.getSQLState() != null && e.getSQLState().startsWith("08");
        if (isConnectionLost && Thread.currentThread().isInterrupted() && work.backendPid() != 0) {
            OrphanedQuery.end(dataSource, work.backendPid());
            return QueryGuard.Reason.INTERRUPT;
        }
        return work.reason();
    }

    Connection borrow() {
        try {
            return DataSourceUtils.getConnection(dataSource);
        } catch (CannotGetJdbcConnectionException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new EventStoreInterruptedException(
                        "nothing was sent to the database: the thread was interrupted while it waited for a connection",
                        e);
            }
            throw e;
        }
    }

    void giveBack(Connection connection) {
        DataSourceUtils.releaseConnection(connection, dataSource);
    }

    QueryGuard guard() {
        return guard;
    }

    /** Tells whether Spring has bound this connection to the current thread, and will give it back itself. */
    boolean isBoundToThread(Connection connection) {
        return DataSourceUtils.isConnectionTransactional(connection, dataSource);
    }

    /** Tells whether somebody else will commit what is done on this connection. */
    boolean isInTransaction(Connection connection) {
        return TransactionSynchronizationManager.isActualTransactionActive() && isBoundToThread(connection);
    }

    /** Tells whether the current transaction is known to refuse writing. */
    boolean isInReadOnlyTransaction() {
        return TransactionSynchronizationManager.isActualTransactionActive()
                && TransactionSynchronizationManager.isCurrentTransactionReadOnly()
                && TransactionSynchronizationManager.hasResource(dataSource);
    }
}
