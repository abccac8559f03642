package io.crablet.pool.micrometer;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.PoolState;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.TopStatements;
import io.crablet.pool.WatchedPool;
import io.crablet.pool.ledger.LedgerListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of a pool, all with the tag {@value #POOL}. All of them are there, with zero, before anything has happened, except those of
 * single statements. To be given to the pool's ledger as a listener. None of them borrows a connection or asks the database: who reads them sees the pool as it
 * was a second ago at the most, and the server as it was when the pool's watch last asked it.
 *
 * <p>Thread-safe.
 */
public final class PoolMetrics implements LedgerListener {

    /** Gauge, seconds: for how long the connection has been held that has been held longest; 0 if none is. */
    public static final String BORROWED_OLDEST = "crablet.pool.borrowed.oldest";

    /**
     * Timer, by {@value #OPERATION}: borrows, and how long connections were held. A connection that has not come back is in it from
     * the moment it is borrowed, and its time grows; what was counted stays when it is returned, or taken back.
     */
    public static final String HELD = "crablet.pool.held";

    /** Gauge: connections that have been held for longer than {@code suspect-after}, and leaked ones. */
    public static final String SUSPECTS = "crablet.pool.suspects";

    /** Counter, by {@value #SITE}: connections that nobody could return any more. */
    public static final String LEAKS = "crablet.pool.leaks";

    /** Counter: leaked connections that were taken back. */
    public static final String LEAKS_RECLAIMED = "crablet.pool.leaks.reclaimed";

    /** Counter: callers that waited for a connection in vain. */
    public static final String TIMEOUTS = "crablet.pool.timeouts";

    /** Gauge: connections that are open and that nobody uses. */
    public static final String IDLE = "crablet.pool.idle";

    /** Gauge: connections in use. */
    public static final String ACTIVE = "crablet.pool.active";

    /** Gauge: callers that wait for a connection. */
    public static final String WAITING = "crablet.pool.waiting";

    /** Gauge: the most connections that the pool may open. */
    public static final String MAX = "crablet.pool.max";

    /** Timer: connections that were lent, and how long the callers that got them had waited. */
    public static final String ACQUIRE = "crablet.pool.acquire";

    /** Gauge: connections in use, divided by the most that the pool may open; more than 1 while a pool that was made smaller shrinks. */
    public static final String SATURATION = "crablet.pool.saturation";

    /** Gauge, by {@value #STATE}: 1 for the state that the pool's health gives, 0 for the others. */
    public static final String POOL_STATE = "crablet.pool.state";

    /** Gauge: 1 while the pool's health says that it should get no new work, else 0. */
    public static final String OUT_OF_SERVICE = "crablet.pool.out.of.service";

    /** Counter: borrows of threads that held a connection of the pool already. */
    public static final String SECOND_BORROWS = "crablet.pool.second.borrows";

    /** Gauge: 1 while the server answers the pool's watch, 0 while it does not; not a number before it was asked. */
    public static final String SERVER_UP = "crablet.postgres.up";

    /** Gauge, by {@value #STATE}: client sessions of the server, of every application. */
    public static final String SERVER_CONNECTIONS = "crablet.postgres.connections";

    /** Gauge: sessions that the server allows. */
    public static final String SERVER_CONNECTIONS_MAX = "crablet.postgres.connections.max";

    /** Gauge: the part of them that only superusers and roles with {@code pg_use_reserved_connections} may use. */
    public static final String SERVER_CONNECTIONS_RESERVED = "crablet.postgres.connections.reserved";

    /** Gauge, seconds: for how long the session has been idle in a transaction that has been so longest; 0 if none is. */
    public static final String SERVER_TRANSACTION_IDLE_OLDEST = "crablet.postgres.transaction.idle.oldest";

    /** Gauge, seconds: for how long the query has run that has run longest; 0 if none does. */
    public static final String SERVER_QUERY_OLDEST = "crablet.postgres.query.oldest";

    /** Gauge: sessions that wait for a lock. */
    public static final String SERVER_BLOCKED = "crablet.postgres.blocked";

    /** Gauge, seconds: for how long the session has waited for a lock that has waited longest; 0 if none waits. */
    public static final String SERVER_BLOCKED_OLDEST = "crablet.postgres.blocked.oldest";

    /**
     * Gauge, by {@value #QUERY_ID}: how often the pool's role has run a statement, since the server last forgot. Of the statements that
     * took most time, {@value TopStatements#MAX_LISTED} at most; of none where {@code pg_stat_statements} cannot be read.
     */
    public static final String STATEMENT_CALLS = "crablet.postgres.statement.calls";

    /** Gauge, seconds, by {@value #QUERY_ID}: how long those runs took together. */
    public static final String STATEMENT_TIME = "crablet.postgres.statement.time";

    /** Tag of all: the name of the pool. */
    public static final String POOL = "pool";

    /** Tag of {@link #HELD}: what the borrower did, {@code none} if nothing said it, {@code other} beyond the first 100. */
    public static final String OPERATION = "operation";

    /** Tag of {@link #LEAKS}: the line of code that borrowed, {@code none} for no leak at all, {@code other} beyond the first 100. */
    public static final String SITE = "site";

    /**
     * Tag of {@link #POOL_STATE}: as {@link PoolState} calls it. Tag of {@link #SERVER_CONNECTIONS}: as PostgreSQL calls it;
     * {@code hidden} if it may not be seen.
     */
    public static final String STATE = "state";

    /** Tag of {@link #STATEMENT_CALLS} and {@link #STATEMENT_TIME}: the number that the server knows a statement by. */
    public static final String QUERY_ID = "query_id";

    private final MeterRegistry registry;

    private final Tags tags;

    private final Series<HeldTime> held;

    private final Series<Counter> leaks;

    private final PoolView view;

    /**
     * Registers the meters of a pool.
     *
     * @param pool the pool
     * @param health tells its health without borrowing from it
     * @param registry where to
     */
    public PoolMetrics(WatchedPool pool, Supplier<PoolHealth> health, MeterRegistry registry) {
        this.registry = registry;
        this.tags = Tags.of(POOL, pool.gauge().name());
        this.held = new Series<>(this::heldTime);
        this.leaks = new Series<>(this::leakCounter);
        this.view = new PoolView(pool, health, held, new StatementMeters(registry, tags));
        registerCounts();
        registerHealth();
        registerLedger();
        registerServer();
    }

    @Override
    public void returned(@Nullable String operation, long heldNanos) {
        held.of(operation).returned(heldNanos);
    }

    @Override
    public void leaked(BorrowedConnection connection) {
        leaks.of(connection.site()).increment();
    }

    private HeldTime heldTime(String operation) {
        HeldTime time = new HeldTime();
        FunctionTimer.builder(HELD, time, seen -> view.count(seen), seen -> view.nanos(seen), TimeUnit.NANOSECONDS)
                .description("Borrows, and how long connections were held, those that have not come back among them")
                .tags(tags)
                .tag(OPERATION, operation)
                .register(registry);
        return time;
    }

    private Counter leakCounter(String site) {
        return Counter.builder(LEAKS)
                .description("Connections that nobody could return any more")
                .tags(tags)
                .tag(SITE, site)
                .register(registry);
    }

    private void registerCounts() {
        gauge(ACTIVE, "Connections in use", seen -> seen.counts().active());
        gauge(IDLE, "Open connections that nobody uses", seen -> seen.counts().idle());
        gauge(
                WAITING,
                "Callers that wait for a connection",
                seen -> seen.counts().waiting());
        gauge(
                MAX,
                "Most connections that the pool may open",
                seen -> seen.counts().max());
        gauge(SATURATION, "Connections in use, as a part of the most that the pool may open", PoolView::saturation);
    }

    private void registerHealth() {
        for (PoolState state : PoolState.values()) {
            Gauge.builder(POOL_STATE, view, seen -> seen.health().state() == state ? 1 : 0)
                    .description("Whether this is the state that the pool's health gives")
                    .tags(tags)
                    .tag(STATE, state.label())
                    .register(registry);
        }
        gauge(
                OUT_OF_SERVICE,
                "Whether the pool's health says that it should get no new work",
                seen -> seen.health().outOfService() ? 1 : 0);
    }

    private void registerLedger() {
        FunctionTimer.builder(
                        ACQUIRE,
                        view,
                        seen -> seen.ledger().borrows(),
                        seen -> seen.ledger().waitedTotal().toNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Connections that were lent, and how long the callers that got them had waited")
                .tags(tags)
                .register(registry);
        seconds(
                BORROWED_OLDEST,
                "Time the connection has been held that has been held longest",
                PoolView::oldestBorrowSeconds);
        gauge(SUSPECTS, "Connections that are held for too long", PoolView::suspects);
        counter(
                LEAKS_RECLAIMED,
                "Leaked connections that were taken back",
                seen -> seen.ledger().leaksReclaimed());
        counter(
                TIMEOUTS,
                "Callers that waited for a connection in vain",
                seen -> seen.ledger().timeouts());
        counter(
                SECOND_BORROWS,
                "Borrows of threads that held a connection already",
                seen -> seen.ledger().secondBorrows());
    }

    private void registerServer() {
        gauge(SERVER_UP, "Whether the server answers the pool's watch", PoolView::up);
        for (String state : ServerFigures.STATES) {
            connections(state, server -> ServerFigures.connections(server, state));
        }
        connections(Series.OTHER, ServerFigures::connectionsInOtherStates);
        gauge(
                SERVER_CONNECTIONS_MAX,
                "Sessions that the server allows",
                known(server -> server.counts().maxConnections()));
        gauge(
                SERVER_CONNECTIONS_RESERVED,
                "Sessions that only superusers and roles with pg_use_reserved_connections may use",
                known(server -> server.counts().reserved()));
        seconds(
                SERVER_TRANSACTION_IDLE_OLDEST,
                "Time the session has been idle in a transaction that has been so longest",
                known(ServerFigures::oldestIdleInTransactionSeconds));
        seconds(
                SERVER_QUERY_OLDEST,
                "Time the query has run that has run longest",
                known(ServerFigures::oldestQuerySeconds));
        gauge(
                SERVER_BLOCKED,
                "Sessions that wait for a lock",
                known(server -> server.counts().blocked()));
        seconds(
                SERVER_BLOCKED_OLDEST,
                "Time the session has waited for a lock that has waited longest",
                known(server -> PoolView.seconds(server.counts().longestLockWait())));
    }

    private void connections(String state, ToDoubleFunction<ServerSnapshot> figure) {
        Gauge.builder(SERVER_CONNECTIONS, view, known(figure))
                .description("Client sessions of the server, of every application")
                .tags(tags)
                .tag(STATE, state)
                .register(registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<PoolView> figure) {
        Gauge.builder(name, view, figure).description(description).tags(tags).register(registry);
    }

    private void seconds(String name, String description, ToDoubleFunction<PoolView> figure) {
        TimeGauge.builder(name, view, TimeUnit.SECONDS, figure)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void counter(String name, String description, ToDoubleFunction<PoolView> figure) {
        FunctionCounter.builder(name, view, figure)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** Not a number while the server's sessions cannot be seen: zero would be an answer. */
    private static ToDoubleFunction<PoolView> known(ToDoubleFunction<ServerSnapshot> figure) {
        return seen -> {
            ServerSnapshot server = seen.server();
            return server == null ? Double.NaN : figure.applyAsDouble(server);
        };
    }
}
