package io.crablet.pool.hikari;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.ledger.LendingPool;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lends the connections of a HikariCP pool to a ledger. */
public final class HikariLendingPool implements LendingPool {

    private static final Logger logger = LoggerFactory.getLogger(HikariLendingPool.class);

    private final HikariPoolGauge gauge;

    private final HikariDataSource pool;

    private final DataSource lender;

    /**
     * Makes the lending side of a pool.
     *
     * @param name how to call the pool
     * @param pool the pool itself, not what a ledger has made of it
     */
    public HikariLendingPool(String name, HikariDataSource pool) {
        this(name, pool, pool);
    }

    /**
     * Makes the lending side of a pool that is inside another data source.
     *
     * @param name how to call the pool
     * @param pool the pool
     * @param lender lends the pool's connections, wrapped in its own
     */
    public HikariLendingPool(String name, HikariDataSource pool, DataSource lender) {
        this.gauge = new HikariPoolGauge(name, pool);
        this.pool = pool;
        this.lender = lender;
    }

    @Override
    public String name() {
        return gauge.name();
    }

    @Override
    public Connection lend() throws SQLException {
        return lender.getConnection();
    }

    @Override
    public void evict(Connection connection) {
        if (lender == pool) {
            pool.evictConnection(connection);
        } else {
            abort(connection);
        }
        openAnotherForWhoWaits();
    }

    /**
     * HikariCP knows its own connections only. Of one that has been closed under it, it frees the slot when it comes back, as it
     * does of one that a wrapper cannot abort.
     */
    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException | LinkageError e) {
            logger.warn("A wrapped connection could not be aborted; it goes back to its pool as it is", e);
        } finally {
            close(connection);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException | LinkageError e) {
            logger.warn("A wrapped connection could not be closed; its pool may count it as lent from now on", e);
        }
    }

    /** HikariCP itself does so only until it has the connections that minimum-idle asks for, which may be none. */
    private void openAnotherForWhoWaits() {
        if (pool.getHikariPoolMXBean() instanceof HikariPool running) {
            int waiting = running.getThreadsAwaitingConnection();
            if (waiting > 0) {
                running.addBagItem(waiting);
            }
        }
    }

    /** A data source may do so unseen, whether it is around the pool or within it. */
    @Override
    public boolean preparesSessions() {
        return lender != pool
                || pool.getDataSource() != null
                || pool.getConnectionInitSql() != null
                || pool.getSchema() != null
                || pool.getTransactionIsolation() != null
                || pool.isReadOnly();
    }

    @Override
    public PoolCounts counts() {
        return gauge.counts();
    }
}
