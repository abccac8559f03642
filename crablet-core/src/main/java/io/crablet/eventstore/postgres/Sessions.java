package io.crablet.eventstore.postgres;

import io.crablet.eventstore.BorrowLabels;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/** Borrows a connection for as long as one piece of work takes, and has the {@link QueryGuard} look after it. */
final class Sessions {

    private final LabelledConnections connections;
    private final QueryGuard guard = new QueryGuard();

    Sessions(DataSource dataSource, BorrowLabels labels) {
        // Spring's transaction managers bind the connection to the target of such a proxy.
        DataSource target =
                dataSource instanceof TransactionAwareDataSourceProxy proxy ? proxy.getTargetDataSource() : null;
        this.connections = new LabelledConnections(target == null ? dataSource : target, labels);
    }

    interface Work<T> {
        T run(Lease lease) throws SQLException;
    }

    interface Translator {
        DataAccessException translate(SQLException e, QueryGuard.@Nullable Reason reason, Duration limit);
    }

    /** Runs some work, and ends it on the server when it takes too long or its thread is interrupted. */
    <T> T run(Operation operation, Duration limit, Work<T> work, Translator translator) {
        return run(borrow(operation), limit, work, translator);
    }

    /** Runs some work in the caller's transaction, like the other; null, and nothing done, if there is none. */
    <T> @Nullable T runInTransaction(Duration limit, Work<T> work, Translator translator) {
        Lease shared = Lease.ofTransaction(connections);
        return shared == null ? null : run(shared, limit, work, translator);
    }

    private <T> T run(Lease borrowed, Duration limit, Work<T> work, Translator translator) {
        try (Lease lease = borrowed) {
            Duration effective = lease.atMost(limit);
            RunningQuery query = new RunningQuery(lease.connection(), effective);
            guard.watch(query);
            try {
                return work.run(lease);
            } catch (SQLException e) {
                throw translator.translate(e, reasonOf(e, query), effective);
            } finally {
                guard.release(query);
            }
        }
    }

    /** Returns why some work has failed; null if the database alone knows. */
    QueryGuard.@Nullable Reason reasonOf(SQLException e, Watched work) {
        boolean isConnectionLost = e.getSQLState() != null && e.getSQLState().startsWith("08");
        if (isConnectionLost && Thread.currentThread().isInterrupted() && work.backendPid() != 0) {
            OrphanedQuery.end(connections, work.backendPid());
            return QueryGuard.Reason.INTERRUPT;
        }
        return work.reason();
    }

    Lease borrow(Operation operation) {
        return Lease.take(connections, operation);
    }

    /** Borrows a connection of the store's own, also in a caller's transaction. */
    Lease borrowOwn(Operation operation) {
        return Lease.borrow(connections, operation);
    }

    QueryGuard guard() {
        return guard;
    }
}
