package io.crablet.pool.micrometer;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.HealthLimits;
import io.crablet.pool.PoolMonitor;
import io.crablet.pool.WatchedPool;
import io.crablet.pool.hikari.HikariConnections;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.hikari.HikariPoolGauge;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.postgres.DatabaseProbe;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.pool.postgres.ProbeSettings;
import io.crablet.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** A HikariCP pool of two connections on a real server, with a ledger, a watch and meters. */
final class MeteredPool extends AbstractDataSource implements AutoCloseable {

    private final HikariDataSource pool = new HikariDataSource();

    private final ConnectionLedger ledger;

    private final DatabaseProbe probe;

    private final AtomicInteger looks = new AtomicInteger();

    MeteredPool(TestDatabase database, LedgerSettings settings, MeterRegistry registry) {
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(2);
        pool.setConnectionTimeout(250);
        pool.setInitializationFailTimeout(-1);
        ledger = new ConnectionLedger(
                new HikariLendingPool("orders", pool), new PostgresSessions(), BorrowContext.DEFAULT, settings);
        ProbeSettings often = new ProbeSettings(
                Duration.ofMillis(100),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofMillis(100));
        probe = new DatabaseProbe("orders", new HikariConnections(pool), often, InstantSource.system());
        HikariPoolGauge gauge = new HikariPoolGauge("orders", pool);
        PoolMonitor monitor = new PoolMonitor(
                List.of(new WatchedPool(gauge, this::answer, false, ledger::snapshot)),
                HealthLimits.DEFAULTS,
                InstantSource.system());
        ledger.addListener(new PoolMetrics(
                new WatchedPool(gauge, this::answer, false, () -> {
                    looks.incrementAndGet();
                    return ledger.snapshot();
                }),
                () -> monitor.health("orders"),
                registry));
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

    void watchServer() {
        probe.start();
    }

    void shrink(int size) {
        pool.setMaximumPoolSize(size);
    }

    /** To be called before anything is borrowed. */
    void haveCallersWaitFor(Duration time) {
        pool.setConnectionTimeout(time.toMillis());
    }

    /** How often the ledger was asked for all it knows. */
    int looks() {
        return looks.get();
    }

    private DatabaseAnswer answer() {
        return probe.answer();
    }

    @Override
    public void close() {
        ledger.close();
        probe.close();
        pool.close();
    }
}
