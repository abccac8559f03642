package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.security.Principal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jmx.JmxEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** When there is an endpoint, and what it shows without HTTP. */
@ExtendWith(PostgresExtension.class)
class PoolEndpointAutoConfigurationTests {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=pool";

    private final TestDatabase database;

    private final ApplicationContextRunner runner;

    PoolEndpointAutoConfigurationTests(TestDatabase database) {
        this.database = database;
        this.runner = new ApplicationContextRunner()
                // As a SpringApplication does: without it `unrestricted` is no Access.
                .withInitializer(
                        context -> context.getEnvironment().setConversionService(new ApplicationConversionService()))
                .withConfiguration(AutoConfigurations.of(
                        PoolSettingsAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class,
                        PoolEndpointAutoConfiguration.class,
                        DataSourceAutoConfiguration.class,
                        EndpointAutoConfiguration.class,
                        JmxAutoConfiguration.class,
                        JmxEndpointAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + database.jdbcUrl() + "?ApplicationName=shop",
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.minimum-idle=0",
                        "spring.datasource.hikari.maximum-pool-size=5");
    }

    @Test
    void thereIsAnEndpointWhereItIsExposedOnly() {
        runner.run(context -> assertThat(context).doesNotHaveBean(PoolEndpoint.class));
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(PoolEndpoint.class)
                        .hasSingleBean(PoolEndpointWebExtension.class));
        runner.withPropertyValues(EXPOSED, "management.endpoint.pool.access=none")
                .run(context -> assertThat(context).doesNotHaveBean(PoolEndpoint.class));
    }

    @ParameterizedTest
    @CsvSource({
        "management.endpoint.pool.access=read-only, false",
        "management.endpoint.pool.access=unrestricted, true",
        "management.endpoint.pool.enabled=true, true",
        "management.endpoints.access.default=unrestricted, true",
        "management.endpoints.access.max-permitted=read-only, false"
    })
    void operationsAreOpenBySpringBootsRules(String property, boolean open) {
        runner.withPropertyValues(
                        EXPOSED, "spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=pool", property)
                .run(context -> {
                    ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Pool");
                    assertThat(context.getBean(MBeanServer.class)
                                    .getMBeanInfo(name)
                                    .getOperations())
                            .extracting(MBeanOperationInfo::getName)
                            .contains("pools")
                            .matches(names -> names.contains("operate") == open);
                });
    }

    @Test
    void anApplicationWithoutTheActuatorStartsWithoutTheEndpoint() {
        runner.withClassLoader(new FilteredClassLoader(Endpoint.class))
                .withPropertyValues(EXPOSED)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("poolEndpoint"));
    }

    @Test
    void overJmxItShowsThePoolsWithTheirSqlAndOperatesOnThem() {
        runner.withPropertyValues(
                        "spring.jmx.enabled=true",
                        "management.endpoints.jmx.exposure.include=pool",
                        EndpointApplication.UNRESTRICTED)
                .run(context -> {
                    MBeanServer server = context.getBean(MBeanServer.class);
                    ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Pool");
                    try (Connection connection = inTransaction(context)) {
                        await().untilAsserted(() -> assertThat(invoke(server, name, "pool", "dataSource")
                                        .toString())
                                .contains("lastStatement=select ?"));
                        assertThat(invoke(server, name, "pools").toString()).contains("dataSource");
                        connection.rollback();
                    }
                    Object result =
                            invoke(server, name, "operate", "dataSource", "resize", "3", "1", null, null, null, null);
                    assertThat(result.toString()).contains("outcome=done");
                    assertThat(pool(context).getMaximumPoolSize()).isEqualTo(3);
                    assertThat(pool(context).getMinimumIdle()).isEqualTo(1);
                });
    }

    @Test
    void sqlIsShownToNobodyIfThatIsWanted() {
        runner.withPropertyValues(EXPOSED, "crablet.pool.watch.show-sql=never").run(context -> {
            PoolEndpointWebExtension web = context.getBean(PoolEndpointWebExtension.class);
            try (Connection connection = inTransaction(context)) {
                await().untilAsserted(() -> {
                    List<BorrowReport> borrowed =
                            web.pools(loggedIn()).pools().get("dataSource").borrowed();
                    assertThat(borrowed.get(0).server()).isNotNull().satisfies(session -> {
                        assertThat(session.state()).isEqualTo("idle in transaction");
                        assertThat(session.lastStatement()).isNull();
                    });
                });
                connection.rollback();
            }
        });
    }

    @Test
    void withoutTheWatchThereAreSettingsAndCountsAndNobodyIsNamed() {
        runner.withPropertyValues(EXPOSED, EndpointApplication.UNRESTRICTED, "crablet.pool.watch.enabled=false")
                .run(context -> {
                    PoolEndpoint endpoint = context.getBean(PoolEndpoint.class);
                    try (Connection connection = pool(context).getConnection()) {
                        PoolReport report = endpoint.pool("dataSource");
                        assertThat(report.watched()).isFalse();
                        assertThat(report.counts().active()).isEqualTo(1);
                        assertThat(report.settings()).containsKey("maximum-pool-size");
                        assertThat(report.borrowed()).isEmpty();
                        assertThat(report.server()).isNull();
                        for (OperationResult refused : List.of(
                                operate(endpoint, "reclaim", "id", "1"),
                                operate(endpoint, "cancel", "pid", "1"),
                                operate(endpoint, "reset", "confirm", "dataSource"))) {
                            assertThat(refused.outcome()).isEqualTo(OperationResult.REFUSED);
                            assertThat(refused.message()).contains("crablet.pool.watch.enabled is false");
                        }
                        assertThat(operate(endpoint, "evict-idle", "", "").outcome())
                                .isEqualTo(OperationResult.DONE);
                        assertThat(connection.isValid(30)).isTrue();
                    }
                });
    }

    @Test
    void severalPoolsAreShownByTheirNamesAndOperatedOnOneByOne() {
        runner.withPropertyValues(EXPOSED)
                .withBean("orders", HikariDataSource.class, this::newPool)
                .withBean("stock", HikariDataSource.class, this::newPool)
                .run(context -> {
                    PoolEndpoint endpoint = context.getBean(PoolEndpoint.class);
                    HikariDataSource orders = context.getBean("orders", HikariDataSource.class);
                    HikariDataSource stock = context.getBean("stock", HikariDataSource.class);
                    try (Connection first = orders.getConnection();
                            Connection second = stock.getConnection()) {
                        assertThat(endpoint.pools().pools()).containsOnlyKeys("orders", "stock");
                        PoolReport report = endpoint.pool("orders");
                        assertThat(report.borrowed()).hasSize(1);
                        assertThat(report.profile()).isEqualTo("none");
                        assertThat(report.settings().get("maximum-pool-size"))
                                .isEqualTo(new PoolSettings.Setting(2, null, PoolSettings.NO_PROPERTY));
                        operate(endpoint, "reset", "confirm", "orders", "orders");
                        assertThat(first.isClosed()).isTrue();
                        assertThat(second.isValid(30)).isTrue();
                        assertThat(operate(endpoint, "suspend", "", "", "orders")
                                        .message())
                                .contains("allow-pool-suspension=true");
                    }
                    assertThatExceptionOfType(InvalidEndpointRequestException.class)
                            .isThrownBy(() -> endpoint.pool("other"))
                            .withMessage("There is no pool 'other'; there are orders, stock.");
                });
    }

    @Test
    void thePrimaryPoolComesFirst() {
        runner.withPropertyValues(EXPOSED)
                .withBean("orders", HikariDataSource.class, this::newPool)
                .withBean("stock", HikariDataSource.class, this::newPool, definition -> definition.setPrimary(true))
                .withBean("audit", HikariDataSource.class, this::newPool)
                .run(context -> assertThat(context.getBean(PoolEndpoint.class)
                                .pools()
                                .pools()
                                .keySet())
                        .containsExactly("stock", "orders", "audit"));
    }

    @Test
    void aSettingThatTheCapacityCheckOrTheBrakeHasChangedSaysSo() {
        runner.withPropertyValues(
                        EXPOSED,
                        "spring.datasource.hikari.maximum-pool-size=5000",
                        "spring.datasource.hikari.keepalive-time=1000")
                .run(context -> {
                    pool(context).getConnection().close();
                    PoolReport report = context.getBean(PoolEndpoint.class).pool("dataSource");
                    PoolSettings.Setting maximum = report.settings().get("maximum-pool-size");
                    assertThat(maximum.configured()).isEqualTo("5000");
                    assertThat((Integer) maximum.value()).isLessThan(300);
                    assertThat(report.settings().get("keepalive-time").configured())
                            .isEqualTo("1000");
                    assertThat(report.advice())
                            .anyMatch(sentence -> sentence.contains("lowered from 5000"))
                            .anyMatch(sentence -> sentence.startsWith("keepalive-time 1000 ms is below"));
                    assertThat(report.settings().get("jdbc-url").value()).isEqualTo(database.jdbcUrl());
                });
        runner.withPropertyValues(EXPOSED, "DB_MAX_CONNS=3").run(context -> {
            PoolEndpoint endpoint = context.getBean(PoolEndpoint.class);
            assertThat(endpoint.pool("dataSource").settings().get("maximum-pool-size"))
                    .isEqualTo(new PoolSettings.Setting(3, null, "DB_MAX_CONNS"));
            pool(context).getConnection().close();
            assertThat(operate(endpoint, "resize", "maximumPoolSize", "4").message())
                    .isEqualTo("DB_MAX_CONNS allows 3 connections at most. Restart without it to go beyond.");
        });
    }

    @Test
    void aPoolThatHasNotStartedIsShownAndNotStarted() {
        runner.withPropertyValues(EXPOSED, EndpointApplication.UNRESTRICTED).run(context -> {
            PoolEndpoint endpoint = context.getBean(PoolEndpoint.class);
            assertThat(endpoint.pool("dataSource").message()).startsWith("The pool has not started");
            for (String operation : List.of("evict-idle", "suspend", "resume")) {
                assertThat(operate(endpoint, operation, "", "").outcome()).isEqualTo(OperationResult.REFUSED);
            }
            assertThat(operate(endpoint, "resize", "maximumPoolSize", "3").message())
                    .contains("has not started");
            assertThat(operate(endpoint, "reset", "confirm", "dataSource").message())
                    .contains("has not started");
            assertThat(pool(context).getHikariPoolMXBean()).isNull();
        });
    }

    @Test
    void onAClosedPoolNothingIsDone() {
        runner.withPropertyValues(EXPOSED, EndpointApplication.UNRESTRICTED).run(context -> {
            PoolEndpoint endpoint = context.getBean(PoolEndpoint.class);
            pool(context).getConnection().close();
            pool(context).close();
            for (PoolOperation operation : PoolOperation.values()) {
                String argument = operation.arguments().isEmpty()
                        ? ""
                        : operation.arguments().get(0);
                String value = argument.equals("confirm") ? "dataSource" : "3";
                OperationResult result = argument.equals("olderThan")
                        ? endpoint.operate("dataSource", operation.label(), null, null, null, null, "1h", null)
                        : operate(endpoint, operation.label(), argument, value);
                assertThat(result.outcome()).isEqualTo(OperationResult.REFUSED);
                assertThat(result.message()).contains("is closed");
            }
        });
    }

    @Test
    void ofAnAddressOnlyWhatCannotBeASecretIsShown() {
        Map.ofEntries(
                        Map.entry("jdbc:postgresql://db:5432/shop?user=u&password=p", "jdbc:postgresql://db:5432/shop"),
                        Map.entry("jdbc:postgresql://a:1,[::1]:2/shop-1", "jdbc:postgresql://a:1,[::1]:2/shop-1"),
                        Map.entry("jdbc:wrapper:postgresql://db/shop?a=b", "jdbc:wrapper:postgresql://db/shop"),
                        Map.entry("jdbc:postgresql:shop?password=p", "jdbc:postgresql:…"),
                        Map.entry("jdbc:postgresql://u:p?w@db/shop", "jdbc:postgresql:…"),
                        Map.entry("jdbc:postgresql://db/shop?password=a@b", "jdbc:postgresql://db/shop"),
                        Map.entry("jdbc:postgresql://db/shop&password=p", "jdbc:postgresql:…"),
                        Map.entry("jdbc:postgresql://db/shop;password=p", "jdbc:postgresql:…"),
                        Map.entry("jdbc:mysql://(host=h,password=p)/shop", "jdbc:mysql:…"),
                        Map.entry("jdbc:mysql://h/shop", "jdbc:mysql:…"),
                        Map.entry("jdbc:db2://h:50000/shop:user=u;password=p;", "jdbc:db2:…"),
                        Map.entry("jdbc:oracle:thin:u/p@//db:1521/shop", "jdbc:oracle:…"),
                        Map.entry("jdbc:h2:mem:shop;USER=u;PASSWORD=p", "jdbc:h2:…"),
                        Map.entry("what is this", "…"))
                .forEach((url, shown) ->
                        assertThat(PoolSettings.withoutSecrets(url)).isEqualTo(shown));
    }

    private static OperationResult operate(PoolEndpoint endpoint, String operation, String argument, String value) {
        return operate(endpoint, operation, argument, value, "dataSource");
    }

    private static OperationResult operate(
            PoolEndpoint endpoint, String operation, String argument, String value, String pool) {
        return endpoint.operate(
                pool,
                operation,
                argument.equals("maximumPoolSize") ? value : null,
                null,
                argument.equals("id") ? value : null,
                argument.equals("pid") ? value : null,
                null,
                argument.equals("confirm") ? value : null);
    }

    private static Object invoke(MBeanServer server, ObjectName name, String operation, String... arguments)
            throws Exception {
        String[] signature = new String[arguments.length];
        Arrays.fill(signature, String.class.getName());
        return server.invoke(name, operation, arguments, signature);
    }

    private static Connection inTransaction(ApplicationContext context) throws SQLException {
        Connection connection = pool(context).getConnection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select 42");
        }
        return connection;
    }

    private static SecurityContext loggedIn() {
        return new SecurityContext() {

            @Override
            public Principal getPrincipal() {
                return () -> "alice";
            }

            @Override
            public boolean isUserInRole(String role) {
                return true;
            }
        };
    }

    private static HikariDataSource pool(ApplicationContext context) {
        return (HikariDataSource) context.getBean(DataSource.class);
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
}
