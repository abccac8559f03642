package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

@ExtendWith(PostgresExtension.class)
class PoolHealthAutoConfigurationTests {

    private static final String DEAD_URL = "jdbc:postgresql://127.0.0.1:1/nothing";

    private final TestDatabase database;

    private final ApplicationContextRunner boot;

    private final ApplicationContextRunner runner;

    private final ExecutorService borrowers = Executors.newFixedThreadPool(5);

    PoolHealthAutoConfigurationTests(TestDatabase database) {
        this.database = database;
        this.boot = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        PoolSettingsAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class,
                        PoolHealthAutoConfiguration.class,
                        DataSourceHealthContributorAutoConfiguration.class,
                        HealthContributorRegistryAutoConfiguration.class,
                        DataSourceAutoConfiguration.class))
                .withPropertyValues(
                        "crablet.pool.profile=none",
                        "crablet.pool.server.timeout=20s",
                        "spring.datasource.hikari.minimum-idle=0");
        this.runner = boot.withPropertyValues(
                "spring.datasource.url=" + database.jdbcUrl(),
                "spring.datasource.username=" + database.username(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.maximum-pool-size=5");
    }

    @AfterEach
    void endBorrowers() {
        borrowers.shutdownNow();
    }

    @Test
    void thePoolAndTheDatabaseTellOfThemselvesWithoutStartingThePool() {
        runner.run(context -> {
            Health pool = health(context, "pool");
            assertThat(pool.getStatus()).isEqualTo(Status.UP);
            assertThat(pool.getDetails().keySet())
                    .containsExactly(
                            "profile",
                            "state",
                            "message",
                            "total",
                            "idle",
                            "active",
                            "waiting",
                            "max",
                            "capacity",
                            "server");
            assertThat(pool.getDetails())
                    .containsEntry("profile", "none")
                    .containsEntry("state", "healthy")
                    .containsEntry("total", 0)
                    .containsEntry("max", 5);
            assertThat(server(pool))
                    .containsOnlyKeys("connections", "maxConnections", "idleInTransaction", "longRunning", "blocked")
                    .containsEntry("maxConnections", 300);

            Health db = health(context, "db");
            assertThat(db.getStatus()).isEqualTo(Status.UP);
            assertThat(db.getDetails())
                    .containsEntry("database", "PostgreSQL")
                    .containsOnlyKeys("database", "version", "latencyMs", "since");

            assertThat(pool(context).getHikariPoolMXBean()).isNull();
        });
    }

    @Test
    void theProfileInForceIsNamedAndAPoolThatItDoesNotTouchHasNone() {
        runner.withPropertyValues("crablet.pool.profile=")
                .run(context -> assertThat(health(context, "pool").getDetails()).containsEntry("profile", "default"));
        boot.withPropertyValues("crablet.pool.profile=low-throughput")
                .withBean("own", HikariDataSource.class, () -> newPool(1))
                .withUserConfiguration(BoundPool.class)
                .run(context -> {
                    assertThat(health(context, "pool", "own").getDetails()).containsEntry("profile", "none");
                    assertThat(health(context, "pool", "bound").getDetails())
                            .containsEntry("profile", "low-throughput")
                            .containsEntry("max", 50);
                });
    }

    @Test
    void aPoolWithLittleRoomIsBusyAndUp() {
        runner.withPropertyValues("crablet.pool.health.busy-above=50").run(context -> {
            List<Connection> taken = take(context, 3);
            Health pool = health(context, "pool");
            assertThat(pool.getStatus()).isEqualTo(Status.UP);
            assertThat(pool.getDetails()).containsEntry("state", "busy").containsEntry("active", 3);
            giveBack(taken);
            assertThat(health(context, "pool").getDetails()).containsEntry("state", "healthy");
        });
    }

    @Test
    void whoHoldsConnectionsForTooLongIsNamed() {
        runner.withPropertyValues("crablet.pool.watch.suspect-after=100ms").run(context -> {
            List<Connection> taken = take(context, 1);
            await().untilAsserted(() ->
                    assertThat(health(context, "pool").getDetails()).containsEntry("suspects", 1));

            Map<String, Object> details = health(context, "pool").getDetails();
            assertThat(details).containsEntry("state", "healthy").containsEntry("leakedReclaimed", 0L);
            assertThat(details.get("oldestBorrow")).asString().matches("\\d+s");
            assertThat(details.get("message"))
                    .asString()
                    .matches(
                            "1 of 5 connections are in use\\. 1 connection is held for too long, above all one for \\d+ m?s"
                                    + " by .+\\.java:\\d+\\): .+");
            giveBack(taken);
        });
    }

    @Test
    void ofAnExhaustedPoolItSaysWhatItsConnectionsDoOnTheServerAndWhoStallsTheAppends() {
        runner.withPropertyValues("crablet.pool.watch.interval=200ms").run(context -> {
            List<Connection> taken = takeInThreadsOfTheirOwn(context, 5);
            for (Connection connection : taken) {
                connection.setAutoCommit(false);
                connection.createStatement().execute("SELECT 'secret'");
            }
            taken.get(0).createStatement().execute("""
                    CREATE SCHEMA stalled;
                    CREATE TABLE stalled.crablet_events ()
                    """);
            taken.get(0).commit();
            // As an append takes it.
            taken.get(0).createStatement().execute("""
                    SELECT pg_advisory_xact_lock((1668440418::bigint << 32) | 'stalled.crablet_events'::regclass::oid::bigint)
                    """);

            String lock = "The append lock of the event log in schema stalled has been held for at most ";
            await().untilAsserted(() -> {
                Map<String, Object> details = health(context, "pool").getDetails();
                assertThat(details.get("message"))
                        .asString()
                        .startsWith(
                                "All 5 connections are in use: the next caller has to wait. 5 of 5 connections are idle"
                                        + " in transaction, all borrowed by ")
                        .containsPattern(
                                "Backend \\d+ has been idle in transaction for \\d s: the borrower does other work")
                        .contains(lock)
                        .doesNotContain("secret");
                assertThat(details.get("appendLock"))
                        .asString()
                        .startsWith(lock)
                        .containsPattern(
                                "by backend \\d+, borrowed \\d s ago by .+, thread .+, idle in transaction for \\d s;"
                                        + " 0 appends wait\\.");
            });
            giveBack(taken);
        });
    }

    @Test
    void aPoolThatKeepsCallersWaitingGoesOutOfServiceWhileTheDatabaseIsUp() {
        runner.withPropertyValues("crablet.pool.health.exhausted-for=300ms", "crablet.pool.health.recovered-for=2s")
                .run(context -> {
                    List<Connection> taken = takeInThreadsOfTheirOwn(context, 5);
                    await().untilAsserted(() ->
                            assertThat(health(context, "pool").getDetails()).containsEntry("state", "exhausted"));
                    Thread caller = caller(context);
                    await().until(() -> health(context, "pool").getStatus().equals(Status.OUT_OF_SERVICE));
                    Health pool = health(context, "pool");
                    assertThat(pool.getDetails())
                            .containsEntry("state", "exhausted")
                            .containsEntry("waiting", 1);
                    assertThat(pool.getDetails().get("message"))
                            .asString()
                            .startsWith("All 5 connections are in use and one caller waits, for ")
                            .contains("5 are in use now, all borrowed by ");
                    assertThat(health(context, "db").getStatus()).isEqualTo(Status.UP);

                    giveBack(taken);
                    caller.join();
                    assertThat(health(context, "pool").getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    await().until(() -> health(context, "pool").getStatus().equals(Status.UP));
                });
    }

    @Test
    void aDatabaseThatIsGoneIsDownAndToldApartFromAnExhaustedPool() {
        AtomicBoolean gone = new AtomicBoolean();
        boot.withBean(
                        HikariDataSource.class,
                        () -> poolOf(new DelegatingDataSource(database.dataSource()) {

                            @Override
                            public Connection getConnection() throws SQLException {
                                if (gone.get()) {
                                    throw new SQLException("The server is gone", "08001");
                                }
                                return super.getConnection();
                            }
                        }))
                .withPropertyValues("crablet.pool.watch.interval=100ms")
                .run(context -> {
                    List<Connection> taken = take(context, 5);
                    assertThat(health(context, "db").getStatus()).isEqualTo(Status.UP);

                    gone.set(true);
                    endAllSessions();
                    await().until(() -> health(context, "pool").getStatus().equals(Status.DOWN));
                    assertThat(health(context, "pool").getDetails())
                            .containsEntry("state", "unreachable")
                            .containsEntry("active", 5)
                            .doesNotContainKey("server");
                    Health db = health(context, "db");
                    assertThat(db.getStatus()).isEqualTo(Status.DOWN);
                    assertThat(db.getDetails())
                            .containsEntry("failure", "no connection")
                            .containsEntry("sqlState", "08001");

                    giveBack(taken);
                    gone.set(false);
                    await().until(() -> health(context, "db").getStatus().equals(Status.UP));
                });
    }

    @Test
    void aPoolOfAnotherDatabaseIsWatchedAsFarAsThatGoes() {
        boot.withPropertyValues("spring.datasource.url=jdbc:h2:mem:other").run(context -> {
            List<Connection> taken = take(context, 1);
            Health db = health(context, "db");
            assertThat(db.getStatus()).isEqualTo(Status.UP);
            assertThat(db.getDetails()).containsEntry("database", "H2");
            Health pool = health(context, "pool");
            assertThat(pool.getStatus()).isEqualTo(Status.UP);
            assertThat(pool.getDetails()).containsEntry("active", 1).doesNotContainKey("server");
            giveBack(taken);
        });
    }

    @Test
    void anUnreachableAddressOfTheWatchDoesNotTakeDownAPoolThatWorks() {
        runner.withPropertyValues("crablet.pool.server.url=" + DEAD_URL).run(context -> {
            giveBack(take(context, 1));
            Health pool = health(context, "pool");
            assertThat(pool.getStatus()).isEqualTo(Status.UP);
            assertThat(pool.getDetails().get("message"))
                    .asString()
                    .contains("The watch cannot reach the address of its own");
            Health db = health(context, "db");
            assertThat(db.getStatus()).isEqualTo(Status.UP);
            assertThat(db.getDetails()).containsEntry("failure", "no connection");
        });
    }

    @Test
    void aWrongAddressOfTheWatchDoesNotTakeDownAPoolThatWorks() {
        runner.withPropertyValues("crablet.pool.server.url=" + database.server().jdbcUrl("no_such_database"))
                .run(context -> {
                    giveBack(take(context, 1));
                    Health db = health(context, "db");
                    assertThat(db.getStatus()).isEqualTo(Status.UP);
                    assertThat(db.getDetails()).containsEntry("sqlState", "3D000");
                    assertThat(health(context, "pool").getDetails()).containsEntry("state", "healthy");
                });
    }

    @Test
    void theSideConnectionIsClosedWithTheApplication() {
        runner.run(context -> {
            assertThat(health(context, "db").getStatus()).isEqualTo(Status.UP);
            assertThat(sideConnections()).isEqualTo(1);
        });
        await().until(() -> sideConnections() == 0 && watchThreads().isEmpty());
    }

    @Test
    void withoutTheWatchThereIsNoThreadAndNoSideConnectionAndTheDatabaseIsSpringBootsMatter() {
        runner.withPropertyValues("crablet.pool.watch.enabled=false").run(context -> {
            assertThat(contributor(context, "db")).isInstanceOf(DataSourceHealthIndicator.class);
            List<Connection> taken = take(context, 5);
            Health pool = health(context, "pool");
            assertThat(pool.getStatus()).isEqualTo(Status.UP);
            assertThat(pool.getDetails()).containsEntry("state", "exhausted").doesNotContainKey("server");
            giveBack(taken);
            // Those of the test before may still be ending.
            await().untilAsserted(() -> {
                assertThat(sideConnections()).isZero();
                assertThat(watchThreads()).isEmpty();
            });
        });
    }

    @Test
    void eachComponentCanBeSwitchedOff() {
        runner.withPropertyValues("management.health.db.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean("dbHealthContributor").hasBean("poolHealthContributor");
        });
        runner.withPropertyValues("management.health.pool.enabled=false").run(context -> {
            assertThat(context).hasBean("dbHealthContributor").doesNotHaveBean("poolHealthContributor");
        });
    }

    @Test
    void aContributorOfTheApplicationWins() {
        runner.withUserConfiguration(OwnContributor.class)
                .run(context -> assertThat(health(context, "db").getDetails()).containsEntry("mine", true));
    }

    @Test
    void withoutHikariOrHealthOrADataSourceItBacksOff() {
        runner.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
                .withBean(DataSource.class, database::dataSource)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WatchedPools.class));
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(PoolWatchAutoConfiguration.class, PoolHealthAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WatchedPools.class));
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(PoolWatchAutoConfiguration.class, PoolHealthAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
                .withBean(DataSource.class, () -> newPool(1))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(WatchedPools.class)
                        .doesNotHaveBean(PoolHealthAutoConfiguration.class));
    }

    @Test
    void severalPoolsAreOneLevelDeeperAndWrappersAreNotCounted() {
        HikariDataSource orders = newPool(1);
        boot.withBean("orders", HikariDataSource.class, () -> orders)
                .withBean("lazyOrders", DataSource.class, () -> new LazyConnectionDataSourceProxy(orders))
                .withBean("tenants", Tenants.class, () -> new Tenants(newPool(2)))
                .withBean("plain", DataSource.class, database::dataSource)
                .run(context -> {
                    assertThat(contributor(context, "pool")).isInstanceOf(CompositeHealthContributor.class);
                    assertThat(names(context, "pool")).containsExactly("orders", "tenants.a");
                    assertThat(names(context, "db")).containsExactly("orders", "tenants.a", "plain");
                    assertThat(health(context, "pool", "orders").getDetails()).containsEntry("max", 1);
                    assertThat(health(context, "pool", "tenants.a").getDetails())
                            .containsEntry("max", 2);
                    assertThat(contributor(context, "db", "plain")).isInstanceOf(DataSourceHealthIndicator.class);
                    assertThat(health(context, "db", "orders").getStatus()).isEqualTo(Status.UP);
                });
    }

    @Test
    void eachPoolShowsItsOwnCapacityWhateverTheNames() {
        boot.withBean("first", HikariDataSource.class, () -> {
                    HikariDataSource pool = newPool(2);
                    pool.setPoolName("second");
                    return pool;
                })
                .withBean("second", HikariDataSource.class, () -> newPool(3))
                .run(context -> {
                    assertThat(health(context, "pool", "first").getDetails().get("capacity"))
                            .asString()
                            .startsWith("maximum-pool-size 2 fits");
                    assertThat(health(context, "pool", "second").getDetails().get("capacity"))
                            .asString()
                            .startsWith("maximum-pool-size 3 fits");
                });
    }

    @Test
    void anApplicationWithoutAnyPoolHasOnlySpringBootsCheck() {
        boot.withBean(DataSource.class, () -> new DelegatingDataSource(database.dataSource()))
                .run(context -> {
                    assertThat(contributor(context, "db")).isInstanceOf(DataSourceHealthIndicator.class);
                    assertThat(names(context, "pool")).isEmpty();
                    // Those of the test before may still be ending.
                    await().untilAsserted(() -> assertThat(watchThreads()).isEmpty());
                });
    }

    @Test
    void theAddressMayComeFromConnectionDetails() {
        boot.withBean(JdbcConnectionDetails.class, () -> new Details(database))
                .run(context -> assertThat(health(context, "db").getStatus()).isEqualTo(Status.UP));
    }

    @Test
    void anAddressOfTheWatchsOwnCountsForThePrimaryPoolOnly() {
        boot.withBean("first", HikariDataSource.class, () -> newPool(1), bean -> bean.setPrimary(true))
                .withBean("second", HikariDataSource.class, () -> newPool(1))
                .withPropertyValues("crablet.pool.server.url=" + DEAD_URL)
                .run(context -> {
                    assertThat(health(context, "db", "first").getStatus()).isEqualTo(Status.DOWN);
                    assertThat(health(context, "db", "second").getStatus()).isEqualTo(Status.UP);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crablet.pool.health.busy-above=101",
                "crablet.pool.health.exhausted-for=-1s",
                "crablet.pool.health.recovered-for=-1s",
                "crablet.pool.watch.interval=0s",
                "crablet.pool.server.timeout=0s",
                "crablet.pool.server.long-query=0s",
                "crablet.pool.server.idle-in-transaction=0s"
            })
    void aSettingThatMakesNoSenseStopsTheStartAndIsNamed(String setting) {
        runner.withPropertyValues(setting)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageStartingWith(setting.substring(0, setting.indexOf('=')) + " is "));
    }

    private static HealthContributor contributor(ApplicationContext context, String... path) {
        HealthContributors contributors = context.getBean(HealthContributorRegistry.class);
        HealthContributor contributor = null;
        for (String name : path) {
            contributor = contributors.getContributor(name);
            if (contributor instanceof CompositeHealthContributor composite) {
                contributors = composite;
            }
        }
        return contributor;
    }

    private static Health health(ApplicationContext context, String... path) {
        return ((HealthIndicator) contributor(context, path)).health();
    }

    private static List<String> names(ApplicationContext context, String component) {
        return ((CompositeHealthContributor) contributor(context, component))
                .stream().map(HealthContributors.Entry::name).toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Integer> server(Health pool) {
        return (Map<String, Integer>) pool.getDetails().get("server");
    }

    private static HikariDataSource pool(ApplicationContext context) {
        return context.getBean(HikariDataSource.class);
    }

    private HikariDataSource newPool(int max) {
        HikariDataSource pool = new HikariDataSource();
        pool.setMaximumPoolSize(max);
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        return pool;
    }

    private static HikariDataSource poolOf(DataSource dataSource) {
        HikariDataSource pool = new HikariDataSource();
        pool.setMaximumPoolSize(5);
        pool.setDataSource(dataSource);
        return pool;
    }

    private void endAllSessions() {
        new JdbcTemplate(database.dataSource()).queryForList("""
                SELECT pg_terminate_backend(pid)
                  FROM pg_stat_activity
                 WHERE datname = current_database()
                   AND pid <> pg_backend_pid()
                """);
    }

    private static List<Connection> take(ApplicationContext context, int count) throws SQLException {
        List<Connection> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(pool(context).getConnection());
        }
        return taken;
    }

    /** One thread that holds several connections is another matter. */
    private List<Connection> takeInThreadsOfTheirOwn(ApplicationContext context, int count) throws Exception {
        List<Future<Connection>> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(borrowers.submit(() -> pool(context).getConnection()));
        }
        List<Connection> connections = new ArrayList<>();
        for (Future<Connection> one : taken) {
            connections.add(one.get());
        }
        return connections;
    }

    private static void giveBack(List<Connection> taken) throws SQLException {
        for (Connection connection : taken) {
            connection.close();
        }
    }

    private static Thread caller(ApplicationContext context) {
        Thread caller = new Thread(() -> {
            try (Connection connection = pool(context).getConnection()) {
                assertThat(connection.isClosed()).isFalse();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        caller.start();
        return caller;
    }

    private int sideConnections() {
        return new JdbcTemplate(database.dataSource())
                .queryForObject(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crablet-watch' AND datname = ?",
                        Integer.class,
                        database.name());
    }

    private static List<String> watchThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("crablet-watch") || name.startsWith("crablet-pool-monitor"))
                .toList();
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnContributor {

        @Bean
        HealthIndicator dbHealthContributor() {
            return () -> Health.up().withDetail("mine", true).build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class BoundPool {

        @Bean
        @ConfigurationProperties("spring.datasource.hikari")
        HikariDataSource bound(@Qualifier("own") HikariDataSource own) {
            HikariDataSource pool = new HikariDataSource();
            own.copyStateTo(pool);
            return pool;
        }
    }

    static class Tenants extends AbstractRoutingDataSource {

        Tenants(HikariDataSource only) {
            setTargetDataSources(Map.of("a", only));
        }

        @Override
        protected Object determineCurrentLookupKey() {
            return "a";
        }
    }

    record Details(TestDatabase database) implements JdbcConnectionDetails {

        @Override
        public String getUsername() {
            return database.username();
        }

        @Override
        public String getPassword() {
            return database.password();
        }

        @Override
        public String getJdbcUrl() {
            return database.jdbcUrl();
        }
    }
}
