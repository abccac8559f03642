package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerListener;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.Scope;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.HikariCheckpointRestoreLifecycle;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.metadata.CompositeDataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(PostgresExtension.class)
class LedgerPostProcessorTests {

    private final TestDatabase database;

    private final ApplicationContextRunner bare;

    private final ApplicationContextRunner runner;

    LedgerPostProcessorTests(TestDatabase database) {
        this.database = database;
        this.bare = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        PoolSettingsAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class,
                        DataSourceAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withPropertyValues("crablet.pool.profile=none", "spring.datasource.hikari.minimum-idle=0");
        this.runner = bare.withPropertyValues(
                "spring.datasource.url=" + database.jdbcUrl(),
                "spring.datasource.username=" + database.username(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.maximum-pool-size=5");
    }

    @Test
    void plainJdbcIsInTheLedger() {
        runner.run(context -> {
            try (Connection connection = context.getBean(DataSource.class).getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
                assertBorrowedHere(context);
            }
            assertThat(borrowed(context)).isEmpty();
        });
    }

    @Test
    void springJdbcIsInTheLedger() {
        runner.run(context -> {
            context.getBean(JdbcTemplate.class)
                    .query("select 1", (RowCallbackHandler) rows -> assertBorrowedHere(context));
            assertThat(borrowed(context)).isEmpty();
        });
    }

    @Test
    void aTransactionIsInTheLedger() {
        runner.withConfiguration(AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class))
                .run(context -> {
                    TransactionTemplate transaction =
                            new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
                    transaction.executeWithoutResult(status -> assertBorrowedHere(context));
                    assertThat(borrowed(context)).isEmpty();
                });
    }

    @Test
    void jpaIsInTheLedger() {
        runner.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
                .withUserConfiguration(Entities.class)
                .withPropertyValues("spring.jpa.hibernate.ddl-auto=create-drop")
                .run(context -> {
                    TransactionTemplate transaction =
                            new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
                    transaction.executeWithoutResult(status -> {
                        EntityManager entities =
                                context.getBean(EntityManagerFactory.class).createEntityManager();
                        entities.joinTransaction();
                        entities.find(Thing.class, 1L);
                        assertThat(borrowed(context))
                                .isNotEmpty()
                                .hasSize(context.getBean(HikariDataSource.class)
                                        .getHikariPoolMXBean()
                                        .getActiveConnections());
                        entities.close();
                    });
                    assertThat(borrowed(context)).isEmpty();
                });
    }

    @Test
    void aPoolIsStillOneOfHikarisForWhoeverAsksForIt() {
        runner.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            DataSource dataSource = context.getBean(DataSource.class);
            assertThat(pool).isSameAs(dataSource);
            assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
            assertThat(dataSource.isWrapperFor(HikariDataSource.class)).isTrue();
            assertThat(dataSource.unwrap(HikariDataSource.class)).isSameAs(pool);
            assertThat(dataSource.unwrap(HikariConfigMXBean.class)).isSameAs(pool);
            assertThat(dataSource.isWrapperFor(JdbcTemplate.class)).isFalse();
            assertThatExceptionOfType(SQLException.class).isThrownBy(() -> dataSource.unwrap(JdbcTemplate.class));
            assertThat(DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class))
                    .isSameAs(pool);
            try (Connection connection = pool.unwrap(HikariDataSource.class).getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
                assertThat(borrowed(context)).hasSize(1);
            }
        });
    }

    @Test
    void aPoolCanBeSuspendedForACheckpointAndResumed() {
        runner.withPropertyValues("spring.datasource.hikari.allow-pool-suspension=true")
                .run(context -> {
                    DataSource dataSource = context.getBean(DataSource.class);
                    assertThat(new JdbcTemplate(dataSource).queryForObject("select 1", Integer.class))
                            .isEqualTo(1);
                    HikariCheckpointRestoreLifecycle lifecycle =
                            new HikariCheckpointRestoreLifecycle(dataSource, context.getSourceApplicationContext());
                    lifecycle.stop();
                    assertThat(context.getBean(HikariDataSource.class)
                                    .getHikariPoolMXBean()
                                    .getTotalConnections())
                            .isZero();
                    lifecycle.start();
                    assertThat(new JdbcTemplate(dataSource).queryForObject("select 1", Integer.class))
                            .isEqualTo(1);
                });
    }

    @Test
    void aPoolInsideOtherDataSourcesHasOneLedger() {
        HikariDataSource pool = newPool();
        bare.withBean("pool", HikariDataSource.class, () -> pool)
                .withBean("lazy", DataSource.class, () -> new LazyConnectionDataSourceProxy(pool))
                .withBean("named", DataSource.class, () -> new Wrapping(pool))
                .run(context -> {
                    ConnectionLedger ledger =
                            context.getBean("pool", DataSource.class).unwrap(ConnectionLedger.class);
                    DataSource lazy = context.getBean("lazy", DataSource.class);
                    assertThat(lazy.unwrap(ConnectionLedger.class)).isSameAs(ledger);
                    try (Connection connection = lazy.getConnection();
                            PreparedStatement statement = connection.prepareStatement("select 1")) {
                        assertThat(statement.execute()).isTrue();
                        assertThat(ledger.snapshot().borrowed()).hasSize(1);
                    }
                    DataSource named = context.getBean("named", DataSource.class);
                    assertThat(named).isInstanceOf(Wrapping.class);
                    try (Connection connection = named.getConnection()) {
                        assertThat(connection.isValid(30)).isTrue();
                        assertThat(ledgerOf(named).snapshot().borrowed()).hasSize(1);
                    }
                    assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                            .isZero();
                });
    }

    @Test
    void thePoolsThatARoutingDataSourceChoosesFromHaveLedgers() {
        Tenants tenants = new Tenants(newPool(), newPool());
        bare.withBean("tenants", Tenants.class, () -> tenants).run(context -> {
            DataSource dataSource = context.getBean(DataSource.class);
            for (String tenant : List.of("a", "b", "default")) {
                tenants.current = tenant;
                try (Connection connection = dataSource.getConnection()) {
                    assertThat(connection.isValid(30)).isTrue();
                    DataSource target = tenants.getResolvedDataSources()
                            .getOrDefault(tenant, tenants.getResolvedDefaultDataSource());
                    assertThat(ledgerOf(target).snapshot().borrowed()).hasSize(1);
                }
            }
        });
    }

    @Test
    void aRoutingDataSourceGoesOnRoutingAsItDid() {
        HikariDataSource a = newPool();
        Tenants tenants = new Tenants(a, newPool()) {
            @Override
            protected Object resolveSpecifiedLookupKey(Object key) {
                return "tenant-" + key;
            }
        };
        tenants.setLenientFallback(false);
        bare.withBean("tenants", Tenants.class, () -> tenants).run(context -> {
            tenants.current = "tenant-a";
            try (Connection connection = context.getBean(DataSource.class).getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
                assertThat(a.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
                assertThat(ledgerOf(tenants.getResolvedDataSources().get("tenant-a"))
                                .snapshot()
                                .borrowed())
                        .hasSize(1);
            }
        });
    }

    @Test
    void springBootsOwnMetadataOfThePoolAreThere() {
        runner.run(context -> {
            DataSource dataSource = context.getBean(DataSource.class);
            try (Connection connection = dataSource.getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
                List<DataSourcePoolMetadataProvider> providers =
                        context.getBeanProvider(DataSourcePoolMetadataProvider.class).stream()
                                .toList();
                DataSourcePoolMetadata metadata =
                        new CompositeDataSourcePoolMetadataProvider(providers).getDataSourcePoolMetadata(dataSource);
                assertThat(metadata).isNotNull();
                assertThat(metadata.getActive()).isEqualTo(1);
                assertThat(metadata.getIdle()).isZero();
            }
        });
    }

    @Test
    void aWrapperThatCannotBeProxiedIsLeftAsItIs() {
        HikariDataSource pool = newPool();
        bare.withBean("named", DataSource.class, () -> new Sealed(pool)).run(context -> {
            DataSource named = context.getBean("named", DataSource.class);
            assertThat(named.getClass()).isEqualTo(Sealed.class);
            try (Connection connection = named.getConnection()) {
                assertThat(connection.isValid(30)).isTrue();
            }
        });
    }

    @Test
    void listenersKnowAPoolByTheNameItIsWatchedUnder() {
        Map<String, LedgerListener> asked = new ConcurrentHashMap<>();
        bare.withBean(
                        "lazy",
                        DataSource.class,
                        () -> new LazyConnectionDataSourceProxy(newPool()),
                        d -> d.setPrimary(true))
                .withBean("listeners", LedgerListeners.class, () -> pool -> {
                    asked.put(pool, LedgerListener.NO_OP);
                    return LedgerListener.NO_OP;
                })
                .run(context -> assertThat(asked.keySet())
                        .containsAll(context.getBean(DataSources.class).pools().keySet()));
    }

    @Test
    void aPoolThatIsMadeAnewHasALedgerAgain() {
        runner.withInitializer(context -> context.getBeanFactory().registerScope("refresh", new Refreshed()))
                .withUserConfiguration(RefreshedPool.class)
                .run(context -> {
                    DataSource dataSource = context.getBean(DataSource.class);
                    JdbcTemplate jdbc = new JdbcTemplate(dataSource);
                    for (int i = 0; i < 2; i++) {
                        jdbc.query("select 1", (RowCallbackHandler) rows -> {
                            assertThat(ledgerOf(dataSource).snapshot().borrowed())
                                    .hasSize(1);
                        });
                        assertThat(context.getBean(WatchedPools.class)
                                        .health("dataSource")
                                        .counts()
                                        .total())
                                .isEqualTo(1);
                        ((Refreshed) context.getBeanFactory().getRegisteredScope("refresh")).refresh();
                    }
                });
    }

    @Test
    void switchedOffTheWatchLeavesPoolsAlone() {
        runner.withPropertyValues("crablet.pool.watch.enabled=false")
                .run(context ->
                        assertThat(context.getBean(DataSource.class).getClass()).isEqualTo(HikariDataSource.class));
    }

    @Test
    void aClosedContextLeavesNoThread() {
        runner.run(context -> assertThat(threads()).contains("crablet-ledger-dataSource"));
        await().until(() -> !threads().contains("crablet-ledger-dataSource"));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    private static void assertBorrowedHere(ApplicationContext context) {
        assertThat(borrowed(context)).singleElement().satisfies(one -> {
            assertThat(one.frames()).isNotEmpty();
            assertThat(one.backendPid()).isPositive();
        });
    }

    private static List<BorrowedConnection> borrowed(ApplicationContext context) {
        return ledgerOf(context.getBean(DataSource.class)).snapshot().borrowed();
    }

    private static ConnectionLedger ledgerOf(@Nullable DataSource dataSource) {
        assertThat(dataSource).isNotNull();
        ConnectionLedger ledger = Unwrapping.ledger(dataSource);
        assertThat(ledger).isNotNull();
        return ledger;
    }

    private HikariDataSource newPool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(2);
        pool.setMinimumIdle(0);
        return pool;
    }

    /** Delegates in a way of its own. */
    static class Wrapping extends AbstractDataSource {

        private final DataSource target;

        Wrapping(DataSource target) {
            this.target = target;
        }

        @Override
        public Connection getConnection() throws SQLException {
            return target.getConnection();
        }

        @Override
        public Connection getConnection(String username, String password) throws SQLException {
            return target.getConnection(username, password);
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            return type.isInstance(this) ? type.cast(this) : target.unwrap(type);
        }

        @Override
        public boolean isWrapperFor(Class<?> type) throws SQLException {
            return type.isInstance(this) || target.isWrapperFor(type);
        }
    }

    static class Sealed extends Wrapping {

        Sealed(DataSource target) {
            super(target);
        }

        @Override
        public final Connection getConnection() throws SQLException {
            return super.getConnection();
        }
    }

    static class Tenants extends AbstractRoutingDataSource {

        private String current = "a";

        Tenants(DataSource a, DataSource b) {
            setTargetDataSources(Map.of("a", a, "b", new DelegatingDataSource(b)));
            setDefaultTargetDataSource(a);
        }

        @Override
        protected Object determineCurrentLookupKey() {
            return current;
        }
    }

    /** As the refresh scope of Spring Cloud: what it held is closed and made again at the next use. */
    static final class Refreshed implements Scope {

        private final Map<String, Object> beans = new HashMap<>();

        private final Map<String, Runnable> callbacks = new HashMap<>();

        synchronized void refresh() {
            beans.clear();
            callbacks.values().forEach(Runnable::run);
            callbacks.clear();
        }

        @Override
        public synchronized Object get(String name, ObjectFactory<?> factory) {
            return beans.computeIfAbsent(name, unseen -> factory.getObject());
        }

        @Override
        public synchronized @Nullable Object remove(String name) {
            return beans.remove(name);
        }

        @Override
        public synchronized void registerDestructionCallback(String name, Runnable callback) {
            callbacks.put(name, callback);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RefreshedPool {

        @Bean
        @Primary
        @org.springframework.context.annotation.Scope(scopeName = "refresh", proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource dataSource(Environment environment) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
            pool.setUsername(environment.getRequiredProperty("spring.datasource.username"));
            pool.setPassword(environment.getRequiredProperty("spring.datasource.password"));
            pool.setMaximumPoolSize(1);
            return pool;
        }
    }

    @Entity(name = "thing")
    static class Thing {

        @Id
        @Nullable
        Long id;
    }

    @Configuration(proxyBeanMethods = false)
    @AutoConfigurationPackage
    static class Entities {}
}
