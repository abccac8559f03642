package io.crablet.pool.hikari;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.ledger.LendingPool;
import java.sql.Connection;
import java.sql.SQLException;

/** Lends the connections of a HikariCP pool to a ledger. */
public final class HikariLendingPool implements LendingPool {

    private final HikariPoolGauge gauge;

    private final HikariDataSource pool;

    /**
     * Makes the lending side of a pool.
     *
     * @param name how to call the pool
     * @param pool the pool itself, not what a ledger has made of it
     */
    public HikariLendingPool(String name, HikariDataSource pool) {
        this.gauge = new HikariPoolGauge(name, pool);
        this.pool = pool;
    }

    @Override
    public String name() {
        return gauge.name();
    }

    @Override
    public Connection lend() throws SQLException {
        return pool.getConnection();
    }

    @Override
    public void evict(Connection connection) {
        pool.evictConnection(connection);
        openAnotherForWhoWaits();
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

    @Override
    public boolean preparesSessions() {
        return pool.getConnectionInitSql() != null
                || pool.getSchema() != null
                || pool.getTransactionIsolation() != null
                || pool.isReadOnly();
    }

    @Override
    public PoolCounts counts() {
        return gauge.counts();
    }
}
