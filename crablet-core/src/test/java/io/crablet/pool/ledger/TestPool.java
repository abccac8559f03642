package io.crablet.pool.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** A HikariCP pool on a real server, with a ledger. */
final class TestPool extends AbstractDataSource implements AutoCloseable {

    private final HikariDataSource pool = new HikariDataSource();

    private final ConnectionLedger ledger;

    TestPool(TestDatabase database, int size, LedgerSettings settings) {
        this(database, size, settings, LedgerListener.NO_OP);
    }

    TestPool(TestDatabase database, int size, LedgerSettings settings, LedgerListener listener) {
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(size);
        pool.setConnectionTimeout(10_000);
        ledger = new ConnectionLedger(
                new HikariLendingPool("test", pool), new PostgresSessions(), BorrowContext.DEFAULT, settings);
        ledger.addListener(listener);
        ledger.start();
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

    List<BorrowedConnection> borrowed() {
        return ledger.snapshot().borrowed();
    }

    /** The connections that HikariCP itself counts as lent. */
    int active() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    @Override
    public void close() {
        ledger.close();
        pool.close();
    }
}
