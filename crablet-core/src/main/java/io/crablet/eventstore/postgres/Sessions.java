package io.crablet.eventstore.postgres;

import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/** Borrows a connection for as long as one piece of work takes, and has the {@link QueryGuard} look after it. */
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
        T run(Lease lease) throws SQLException;
    }

    interface Translator {
        DataAccessException translate(SQLException e, QueryGuard.@Nullable Reason reason, Duration limit);
    }

    /** Runs some work, and ends it on the server when it takes too long or its thread is interrupted. */
    <T> T run(Duration limit, Work<T> work, Translator translator) {
        try (Lease lease = borrow()) {
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
            OrphanedQuery.end(dataSource, work.backendPid());
            return QueryGuard.Reason.INTERRUPT;
        }
        return work.reason();
    }

    Lease borrow() {
        return Lease.take(dataSource);
    }

    QueryGuard guard() {
        return guard;
    }
}
