package io.crablet.pool.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.crablet.Application;
import io.crablet.pool.PoolWatch;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class PoolMetricsTests {

    private static final LedgerSettings KEEP_LEAKED =
            new LedgerSettings(Duration.ofMillis(300), false, false, null, Set.of(), List.of(), false);

    private final TestDatabase database;

    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private MeteredPool pool;

    PoolMetricsTests(TestDatabase database) {
        this.database = database;
        this.pool = new MeteredPool(database, LedgerSettings.DEFAULTS, prometheus);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void allMetersAreThereBeforeAnythingHasHappened() {
        assertThat(prometheus.scrape().lines().filter(line -> !line.startsWith("#")))
                .containsExactlyInAnyOrder(
                        "crablet_pool_active{pool=\"orders\"} 0.0",
                        "crablet_pool_idle{pool=\"orders\"} 0.0",
                        "crablet_pool_waiting{pool=\"orders\"} 0.0",
                        "crablet_pool_max{pool=\"orders\"} 2.0",
                        "crablet_pool_acquire_seconds_count{pool=\"orders\"} 0",
                        "crablet_pool_acquire_seconds_sum{pool=\"orders\"} 0.0",
                        "crablet_pool_borrowed_oldest_seconds{pool=\"orders\"} 0.0",
                        "crablet_pool_held_seconds_count{operation=\"none\",pool=\"orders\"} 0",
                        "crablet_pool_held_seconds_sum{operation=\"none\",pool=\"orders\"} 0.0",
                        "crablet_pool_suspects{pool=\"orders\"} 0.0",
                        "crablet_pool_leaks_total{pool=\"orders\",site=\"none\"} 0.0",
                        "crablet_pool_leaks_reclaimed_total{pool=\"orders\"} 0.0",
                        "crablet_pool_timeouts_total{pool=\"orders\"} 0.0",
                        "crablet_pool_saturation{pool=\"orders\"} 0.0",
                        "crablet_pool_second_borrows_total{pool=\"orders\"} 0.0",
                        "crablet_pool_state{pool=\"orders\",state=\"healthy\"} 1.0",
                        "crablet_pool_state{pool=\"orders\",state=\"busy\"} 0.0",
                        "crablet_pool_state{pool=\"orders\",state=\"leaking\"} 0.0",
                        "crablet_pool_state{pool=\"orders\",state=\"exhausted\"} 0.0",
                        "crablet_pool_state{pool=\"orders\",state=\"unreachable\"} 0.0",
                        "crablet_pool_out_of_service{pool=\"orders\"} 0.0",
                        "crablet_postgres_up{pool=\"orders\"} NaN",
                        connections("active", "NaN"),
                        connections("idle", "NaN"),
                        connections("idle in transaction", "NaN"),
                        connections("idle in transaction (aborted)", "NaN"),
                        connections("fastpath function call", "NaN"),
                        connections("starting", "NaN"),
                        connections("disabled", "NaN"),
                        connections("hidden", "NaN"),
                        connections("other", "NaN"),
                        "crablet_postgres_connections_max{pool=\"orders\"} NaN",
                        "crablet_postgres_transaction_idle_oldest_seconds{pool=\"orders\"} NaN",
                        "crablet_postgres_query_oldest_seconds{pool=\"orders\"} NaN",
                        "crablet_postgres_connections_reserved{pool=\"orders\"} NaN",
                        "crablet_postgres_blocked{pool=\"orders\"} NaN",
                        "crablet_postgres_blocked_oldest_seconds{pool=\"orders\"} NaN");
    }

    @Test
    void theTimesAreSummariesAndTheCountersAreCounters() {
        assertThat(prometheus.scrape())
                .contains(
                        "# TYPE crablet_pool_held_seconds summary",
                        "# TYPE crablet_pool_acquire_seconds summary",
                        "# TYPE crablet_pool_leaks_total counter",
                        "# TYPE crablet_pool_timeouts_total counter",
                        "# TYPE crablet_pool_borrowed_oldest_seconds gauge");
    }

    @Test
    void aLeakedConnectionShowsWhileItIsHeld() throws SQLException {
        reopen(KEEP_LEAKED);
        try (PoolWatch.Operation operation = PoolWatch.operation("import")) {
            assertThat(operation).isNotNull();
            Application.forget(pool);
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(leaksAt("io.crablet.Application.forget")).isEqualTo(1);
        });
        assertThat(value(PoolMetrics.LEAKS_RECLAIMED)).isZero();
        assertThat(held("import").count()).isEqualTo(1);

        double before = held("import").totalTime(TimeUnit.SECONDS);
        await().untilAsserted(() -> {
            assertThat(held("import").totalTime(TimeUnit.SECONDS)).isGreaterThan(before + 1);
            assertThat(value(PoolMetrics.BORROWED_OLDEST)).isGreaterThan(1);
            assertThat(value(PoolMetrics.SUSPECTS)).isEqualTo(1);
            assertThat(value(PoolMetrics.SATURATION)).isEqualTo(0.5);
        });
        assertThat(held("import").count()).isEqualTo(1);
    }

    @Test
    void aLeakedConnectionShowsAfterItWasTakenBack() throws SQLException {
        try (PoolWatch.Operation operation = PoolWatch.operation("import")) {
            assertThat(operation).isNotNull();
            Application.forget(pool);
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(value(PoolMetrics.LEAKS_RECLAIMED)).isEqualTo(1);
        });
        await().untilAsserted(() -> {
            assertThat(value(PoolMetrics.SATURATION)).isZero();
            assertThat(value(PoolMetrics.BORROWED_OLDEST)).isZero();
        });
        assertThat(leaksAt("io.crablet.Application.forget")).isEqualTo(1);
        assertThat(held("import").count()).isEqualTo(1);
        assertThat(held("import").totalTime(TimeUnit.NANOSECONDS)).isPositive();
    }

    @Test
    void aReturnedConnectionIsCountedOnceWhetherItWasSeenBeforeOrNot() throws SQLException {
        try (Connection first = Application.borrow(pool)) {
            assertThat(first.isClosed()).isFalse();
            await().untilAsserted(() -> assertThat(held("none").count()).isEqualTo(1));
        }
        Application.borrow(pool).close();
        await().untilAsserted(() -> assertThat(held("none").count()).isEqualTo(2));
        await().during(Duration.ofMillis(1500)).until(() -> held("none").count() == 2);
    }

    @Test
    void waitingInVainAndSecondBorrowsAreCounted() throws SQLException {
        pool.haveCallersWaitFor(Duration.ofMillis(1_500));
        Connection first = Application.borrow(pool);
        try (Connection second = Application.borrow(pool)) {
            assertThat(second).isNotSameAs(first);
            assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(() -> Application.borrow(pool));
            await().untilAsserted(() -> {
                assertThat(value(PoolMetrics.TIMEOUTS)).isEqualTo(1);
                assertThat(value(PoolMetrics.SECOND_BORROWS)).isEqualTo(2);
                assertThat(acquired().count()).isEqualTo(2);
                assertThat(value(PoolMetrics.SATURATION)).isEqualTo(1);
            });
            pool.shrink(1);
            await().untilAsserted(
                            () -> assertThat(value(PoolMetrics.SATURATION)).isEqualTo(2));
        }
    }

    @Test
    @SuppressWarnings("try") // The first connection is given back early.
    void countersShowWhoHoldsAndWhoWaitsAndTheTimeThatIsWaitedUntilAConnectionComes() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (Connection first = Application.borrow(pool);
                Connection second = Application.borrow(pool)) {
            assertThat(second).isNotSameAs(first);
            await().until(() -> acquired().count() == 2);
            double before = acquired().totalTime(TimeUnit.SECONDS);
            Future<Connection> patient = executor.submit(() -> Application.borrow(pool));
            await().until(() -> value(PoolMetrics.WAITING) == 1);
            assertThat(value(PoolMetrics.ACTIVE)).isEqualTo(2);
            assertThat(value(PoolMetrics.IDLE)).isZero();
            assertThat(value(PoolMetrics.MAX)).isEqualTo(2);
            assertThat(acquired().count()).isEqualTo(2);
            await().pollDelay(Duration.ofMillis(500)).until(() -> value(PoolMetrics.WAITING) == 1);
            first.close();
            patient.get().close();
            await().until(() -> acquired().count() == 3);
            assertThat(acquired().totalTime(TimeUnit.SECONDS) - before).isBetween(0.5, 20.0);
        } finally {
            executor.shutdown();
        }
        await().until(() -> value(PoolMetrics.IDLE) == 2);
        assertThat(value(PoolMetrics.ACTIVE)).isZero();
        assertThat(value(PoolMetrics.WAITING)).isZero();
    }

    @Test
    void theSessionsOfTheServerAreCounted() throws SQLException {
        pool.watchServer();
        await().untilAsserted(() ->
                assertThat(value(PoolMetrics.SERVER_CONNECTIONS_MAX)).isEqualTo(300));
        assertThat(value(PoolMetrics.SERVER_CONNECTIONS_RESERVED)).isEqualTo(3);
        assertThat(value(PoolMetrics.SERVER_BLOCKED)).isZero();
        assertThat(value(PoolMetrics.SERVER_BLOCKED_OLDEST)).isZero();
        assertThat(value(PoolMetrics.SERVER_TRANSACTION_IDLE_OLDEST)).isZero();
        try (Connection idle =
                DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password())) {
            idle.setAutoCommit(false);
            idle.createStatement().execute("select 1");
            await().untilAsserted(() -> {
                assertThat(inState("idle in transaction")).isEqualTo(1);
                assertThat(value(PoolMetrics.SERVER_TRANSACTION_IDLE_OLDEST)).isGreaterThan(0.5);
            });
        }
        assertThat(inState("active")).isPositive();
    }

    @Test
    void theStateIsThatOfHealth() throws Exception {
        Connection first = Application.borrow(pool);
        try (Connection second = Application.borrow(pool)) {
            assertThat(second).isNotSameAs(first);
            FutureTask<Connection> waiting = new FutureTask<>(() -> Application.borrow(pool));
            new Thread(waiting).start();
            await().untilAsserted(() -> assertThat(inHealth("exhausted")).isEqualTo(1));
            await().untilAsserted(
                            () -> assertThat(value(PoolMetrics.OUT_OF_SERVICE)).isEqualTo(1));
            assertThat(inHealth("healthy")).isZero();
            first.close();
            waiting.get().close();
        }
        await().untilAsserted(
                        () -> assertThat(value(PoolMetrics.OUT_OF_SERVICE)).isZero());
        assertThat(inHealth("exhausted")).isZero();
    }

    @Test
    void whetherTheServerAnswersIsTold() throws SQLException {
        pool.watchServer();
        await().untilAsserted(() -> assertThat(value(PoolMetrics.SERVER_UP)).isEqualTo(1));
        try (Connection elsewhere = DriverManager.getConnection(
                        database.server().jdbcUrl("postgres"), database.username(), database.password());
                Statement statement = elsewhere.createStatement()) {
            statement.execute("alter database " + database.name() + " allow_connections false");
            statement.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database.name() + "'");
            await().untilAsserted(() -> assertThat(value(PoolMetrics.SERVER_UP)).isZero());
            statement.execute("alter database " + database.name() + " allow_connections true");
        }
        await().untilAsserted(() -> assertThat(value(PoolMetrics.SERVER_UP)).isEqualTo(1));
    }

    @Test
    void theLongestWaitForALockIsTold() throws Exception {
        String lock = "select pg_advisory_xact_lock(1)";
        pool.watchServer();
        try (Connection holder =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                Connection waiter =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password())) {
            holder.setAutoCommit(false);
            holder.createStatement().execute(lock);
            FutureTask<Boolean> waiting =
                    new FutureTask<>(() -> waiter.createStatement().execute(lock));
            new Thread(waiting).start();
            await().untilAsserted(() -> {
                assertThat(value(PoolMetrics.SERVER_BLOCKED)).isEqualTo(1);
                assertThat(value(PoolMetrics.SERVER_BLOCKED_OLDEST)).isGreaterThan(0.5);
            });
            holder.rollback();
            waiting.get();
        }
        await().untilAsserted(() ->
                assertThat(value(PoolMetrics.SERVER_BLOCKED_OLDEST)).isZero());
    }

    @Test
    void theTopStatementsAreThereWhileTheServerShowsThem() throws SQLException {
        String sql = "select pg_sleep(0.2) as of_the_meters";
        pool.watchServer();
        await().untilAsserted(() ->
                assertThat(value(PoolMetrics.SERVER_CONNECTIONS_MAX)).isEqualTo(300));
        assertThat(prometheus.scrape()).doesNotContain("crablet_postgres_statement");
        try (Connection connection = Application.borrow(pool)) {
            connection.createStatement().execute("create extension pg_stat_statements");
            connection.createStatement().execute(sql);
            await().untilAsserted(() -> assertThat(prometheus.scrape())
                    .containsPattern(
                            "crablet_postgres_statement_time_seconds\\{pool=\"orders\",query_id=\"-?\\d+\"} (0\\.[2-9]|[1-9]\\.)")
                    .containsPattern("crablet_postgres_statement_calls\\{pool=\"orders\",query_id=\"-?\\d+\"} 1\\.0")
                    .doesNotContain("of_the_meters"));
            connection.createStatement().execute("drop extension pg_stat_statements");
            await().untilAsserted(() -> assertThat(prometheus.scrape()).doesNotContain("crablet_postgres_statement"));
        }
    }

    @Test
    void oneLookIsEnoughForAScrape() {
        prometheus.scrape();
        assertThat(pool.looks()).isEqualTo(1);
    }

    @Test
    void aClosedPoolStillHasMeters() {
        pool.close();
        assertThat(prometheus.scrape()).contains("crablet_pool_saturation{pool=\"orders\"} 0.0");
    }

    @Test
    void theNamesAreRightInOtherRegistriesToo() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (MeteredPool other = new MeteredPool(database, LedgerSettings.DEFAULTS, registry)) {
            assertThat(other.looks()).isZero();
            assertThat(registry.get(PoolMetrics.HELD)
                            .tag(PoolMetrics.OPERATION, "none")
                            .functionTimer()
                            .count())
                    .isZero();
            assertThat(registry.get(PoolMetrics.BORROWED_OLDEST)
                            .timeGauge()
                            .getId()
                            .getBaseUnit())
                    .isEqualTo("seconds");
        }
    }

    private static String connections(String state, String value) {
        return "crablet_postgres_connections{pool=\"orders\",state=\"%s\"} %s".formatted(state, value);
    }

    private FunctionTimer acquired() {
        return prometheus.get(PoolMetrics.ACQUIRE).functionTimer();
    }

    private FunctionTimer held(String operation) {
        return prometheus
                .get(PoolMetrics.HELD)
                .tag(PoolMetrics.OPERATION, operation)
                .functionTimer();
    }

    private double leaksAt(String site) {
        return prometheus.find(PoolMetrics.LEAKS).counters().stream()
                .filter(counter ->
                        String.valueOf(counter.getId().getTag(PoolMetrics.SITE)).startsWith(site))
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private double inHealth(String state) {
        return value(PoolMetrics.POOL_STATE, state);
    }

    private double inState(String state) {
        return value(PoolMetrics.SERVER_CONNECTIONS, state);
    }

    private double value(String meter, String state) {
        return prometheus.get(meter).tag(PoolMetrics.STATE, state).gauge().value();
    }

    private double value(String meter) {
        return prometheus.get(meter).meter().measure().iterator().next().getValue();
    }

    private void reopen(LedgerSettings settings) {
        pool.close();
        prometheus.clear();
        pool = new MeteredPool(database, settings, prometheus);
    }
}
