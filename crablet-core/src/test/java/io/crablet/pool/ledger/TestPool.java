package io.crablet.pool.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** A HikariCP pool on a real server, with a ledger. */
final class TestPool extends AbstractDataSource implements AutoCloseable {

    private final HikariDataSource pool = new HikariDataSource();

    private final TestDatabase database;

    private ConnectionLedger ledger;

    TestPool(TestDatabase database, int size, LedgerSettings settings) {
        this(database, size, settings, LedgerListener.NO_OP);
    }

    TestPool(TestDatabase database, int size, LedgerSettings settings, LedgerListener listener) {
        this(database, size);
        keepLedger(new PostgresSessions(), BorrowContext.DEFAULT, settings, listener);
        ledger.start();
    }

    /** A pool that has to be told what ledger to keep. */
    TestPool(TestDatabase database, int size) {
        this.database = database;
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(size);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(10_000);
        pool.setPoolName("test");
    }

    ConnectionLedger keepLedger(
            SessionInspector inspector, BorrowContext context, LedgerSettings settings, LedgerListener listener) {
        ledger = new ConnectionLedger(new HikariLendingPool("test", pool), inspector, context, settings);
        ledger.addListener(listener);
        return ledger;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return ledger.borrow();
    }

    @Override
    public Connection getConnection(String username, String password) {
        throw new UnsupportedOperationException();
    }

    ConnectionLedger ledger() {
        return ledger;
    }

    HikariDataSource hikari() {
        return pool;
    }

    TestDatabase database() {
        return database;
    }

    LedgerSnapshot snapshot() {
        return ledger.snapshot();
    }

    List<BorrowedConnection> borrowed() {
        return snapshot().borrowed();
    }

    BorrowedConnection onlyBorrowed() {
        List<BorrowedConnection> all = borrowed();
        if (all.size() != 1) {
            throw new AssertionError("Not one, but " + all);
        }
        return all.get(0);
    }

    /** The connections that HikariCP itself counts as lent. */
    int active() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    boolean isQuiet() {
        return borrowed().isEmpty() && active() == 0;
    }

    /** Has the garbage collector find what is forgotten, until all is back. */
    void awaitBack() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!isQuiet()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Still borrowed: " + borrowed());
            }
            Collector.collect();
        }
    }

    @Override
    public void close() {
        ledger.close();
        pool.close();
    }
}
