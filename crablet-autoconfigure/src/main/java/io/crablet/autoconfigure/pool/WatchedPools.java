package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.HealthLimits;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.PoolGauge;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.PoolLook;
import io.crablet.pool.PoolMonitor;
import io.crablet.pool.PoolTimeline;
import io.crablet.pool.Verdict;
import io.crablet.pool.VerdictLimits;
import io.crablet.pool.WatchedPool;
import io.crablet.pool.hikari.HikariConnections;
import io.crablet.pool.hikari.HikariPoolGauge;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.postgres.ConnectionSource;
import io.crablet.pool.postgres.DatabaseAddress;
import io.crablet.pool.postgres.DatabaseProbe;
import io.crablet.pool.postgres.ProbeSettings;
import io.crablet.pool.postgres.ServerAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Watches the application's pools, and their databases beside the pools, while the application runs. */
final class WatchedPools implements SmartLifecycle {

    /** How long who looks at a pool waits for a fresh answer of its server; after that the last one has to do. */
    private static final Duration PATIENCE = Duration.ofMillis(50);

    private final boolean enabled;

    private final Map<String, OperatedPool> pools = new LinkedHashMap<>();

    private final List<WatchedPool> watched = new ArrayList<>();

    /** It only measures: a clock that is set must neither stop its samples nor delay what it finds. */
    private final InstantSource clock = new SteadyClock(InstantSource.system(), System::nanoTime);

    private final PoolMonitor monitor;

    private volatile boolean running;

    WatchedPools(DataSources dataSources, PoolWatchProperties watch, PoolServerProperties server, HealthLimits limits) {
        this.enabled = watch.enabled();
        ProbeSettings settings = new ProbeSettings(
                watch.interval(),
                server.timeout(),
                server.longQuery(),
                server.idleInTransaction(),
                server.topStatementsInterval());
        dataSources.pools().forEach((name, pool) -> {
            String ownUrl = dataSources.isPrimary(pool) ? server.url() : null;
            ConnectionSource poolAddress = new HikariConnections(pool);
            DatabaseProbe probe = ownUrl == null
                    ? new DatabaseProbe(name, poolAddress, settings, InstantSource.system())
                    : new DatabaseProbe(
                            name, source(ownUrl, pool, server), poolAddress, settings, InstantSource.system());
            HikariPoolGauge gauge = new HikariPoolGauge(name, pool);
            pools.put(name, new OperatedPool(pool, gauge, probe));
            watched.add(new WatchedPool(
                    gauge, probe::answer, ownUrl != null, () -> snapshot(pool), server(pool, poolAddress)));
        });
        this.monitor = new PoolMonitor(watched, limits, verdictLimits(watch.interval()), clock);
    }

    /** The pools. */
    List<PoolGauge> gauges() {
        return pools.values().stream().map(OperatedPool::gauge).toList();
    }

    /** A pool that there is, and what steers it. */
    OperatedPool operated(String pool) {
        return Objects.requireNonNull(pools.get(pool), pool);
    }

    /** Everything that can be seen of a pool now, with a fresh answer of its server if that comes quickly. */
    PoolLook look(String pool) {
        operated(pool).probe().refresh(PATIENCE);
        return monitor.look(pool);
    }

    /** What was seen of a pool in the last quarter of an hour, by {@link #clock}. */
    PoolTimeline timeline(String pool) {
        return monitor.timeline(pool);
    }

    /** What time it is for who measures. */
    InstantSource clock() {
        return clock;
    }

    /** The same for pools whose sessions block each other; a URL of another driver is the best there is to compare. */
    private static @Nullable String server(HikariDataSource pool, ConnectionSource source) {
        ServerAddress address = source.address();
        return address == null ? pool.getJdbcUrl() : address.key();
    }

    /** What a pool's ledger knows now; nothing where it has none. */
    private static LedgerSnapshot snapshot(HikariDataSource pool) {
        ConnectionLedger ledger = Unwrapping.ledger(pool);
        return ledger == null ? LedgerSnapshot.empty(Instant.now()) : ledger.snapshot();
    }

    /** An answer that is three rounds old means that the rounds have stopped. */
    private static VerdictLimits verdictLimits(Duration interval) {
        VerdictLimits defaults = VerdictLimits.DEFAULTS;
        Duration stale = interval.multipliedBy(3);
        return stale.compareTo(defaults.staleAfter()) > 0
                ? new VerdictLimits(defaults.evidentAfter(), stale)
                : defaults;
    }

    /** The pools, and what is known of them. */
    List<WatchedPool> watched() {
        return watched;
    }

    /** Why a connection of a pool has not come back. */
    Verdict verdict(String pool, BorrowedConnection connection) {
        return monitor.look(pool).verdicts().of(connection);
    }

    PoolHealth health(String pool) {
        return monitor.health(pool);
    }

    @Override
    public void start() {
        pools.values().forEach(pool -> pool.probe().start());
        monitor.start();
        running = true;
    }

    @Override
    public void stop() {
        monitor.close();
        pools.values().forEach(pool -> pool.probe().close());
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public boolean isAutoStartup() {
        return enabled && !pools.isEmpty();
    }

    /** Started before, and stopped after, a web server that is asked for health. */
    @Override
    public int getPhase() {
        return 0;
    }

    private static ConnectionSource source(String url, HikariDataSource pool, PoolServerProperties server) {
        return timeLimit -> {
            String username = server.username() == null ? pool.getUsername() : server.username();
            String password = server.password() == null ? pool.getPassword() : server.password();
            return new DatabaseAddress(url, username, password, new Properties()).open(timeLimit);
        };
    }
}
