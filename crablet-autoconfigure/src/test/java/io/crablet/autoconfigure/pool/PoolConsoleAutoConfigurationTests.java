package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.UNRESTRICTED;
import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;

@ExtendWith(PostgresExtension.class)
class PoolConsoleAutoConfigurationTests {

    private static final String EXPOSED = "management.endpoints.web.exposure.include=poolconsole";

    private static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
            EndpointAutoConfiguration.class,
            WebEndpointAutoConfiguration.class,
            PoolWatchAutoConfiguration.class,
            PoolEndpointAutoConfiguration.class,
            PoolConsoleAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
            .withConfiguration(AUTO_CONFIGURATIONS)
            .withPropertyValues("crablet.pool.watch.enabled=false")
            .withBean("orders", HikariDataSource.class, HikariDataSource::new);

    private final TestDatabase database;

    PoolConsoleAutoConfigurationTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void itIsThereWhereItIsExposed() {
        runner.run(context -> assertThat(context)
                .doesNotHaveBean(PoolConsoleEndpoint.class)
                .doesNotHaveBean(AppendedEvents.class)
                .doesNotHaveBean(PoolReporter.class));
        runner.withPropertyValues(EXPOSED)
                .run(context -> assertThat(context)
                        .hasSingleBean(PoolConsoleEndpoint.class)
                        .hasSingleBean(AppendedEvents.class)
                        .doesNotHaveBean(PoolEndpoint.class));
        runner.withPropertyValues(EXPOSED, "management.endpoint.poolconsole.access=NONE")
                .run(context -> assertThat(context).doesNotHaveBean(PoolConsoleEndpoint.class));
        runner.withPropertyValues(EXPOSED, "management.endpoints.access.max-permitted=NONE")
                .run(context -> assertThat(context).doesNotHaveBean(PoolConsoleEndpoint.class));
        runner.withPropertyValues("management.endpoints.web.exposure.include=pool,poolconsole")
                .run(context -> assertThat(context)
                        .hasSingleBean(PoolConsoleEndpoint.class)
                        .hasSingleBean(PoolEndpoint.class)
                        .hasSingleBean(PoolReporter.class));
    }

    @Test
    void itNeedsAWebApplication() {
        new ApplicationContextRunner()
                .withConfiguration(AUTO_CONFIGURATIONS)
                .withPropertyValues(EXPOSED, "management.endpoints.jmx.exposure.include=*", "spring.jmx.enabled=true")
                .withBean("orders", HikariDataSource.class, HikariDataSource::new)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(PoolConsoleEndpoint.class));
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.springframework.security", "org.webjars", "org.springframework.web.servlet"})
    void itDoesWithoutWhatIsOptional(String missing) {
        runner.withPropertyValues(EXPOSED)
                .withClassLoader(new FilteredClassLoader(missing))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(PoolConsoleEndpoint.class));
    }

    @Test
    void whereNobodyCanTellWhoAsksNothingIsOfferedUnlessNothingIsSecured() {
        assertThat(new UnknownRequest(true).mayPost("/actuator/pool/orders")).isFalse();
        assertThat(new UnknownRequest(false).mayPost("/actuator/pool/orders")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "management.endpoint.pool.access=read-only",
                "management.endpoint.pool.access=none",
                "management.endpoints.access.max-permitted=read-only",
                "management.endpoints.web.exposure.include=poolconsole"
            })
    void operationsAreOfferedOnlyWhereThePoolEndpointTakesThem(String property) throws Exception {
        try (EndpointApplication application = new EndpointApplication(database, UNRESTRICTED, property)) {
            HttpResponse<String> pools = application.get("/actuator/poolconsole/pools");
            assertThat(pools.statusCode()).isEqualTo(200);
            assertThat(EndpointApplication.<Map<String, Object>>read(pools, "$"))
                    .containsKey("pools")
                    .doesNotContainKeys("operations", "csrf");
            HttpResponse<String> one = application.get("/actuator/poolconsole/pools/dataSource");
            assertThat((String) read(one, "$.report.name")).isEqualTo("dataSource");
        }
    }

    @Test
    void eachPoolHasItsOwnPageAndOnlyThatOfTheEventStoreShowsEvents() throws Exception {
        try (EndpointApplication application = new EndpointApplication(
                database,
                List.of(
                        EndpointApplication.Application.class,
                        EndpointApplication.UserOfTheEventStore.class,
                        TwoPools.class),
                "crablet.event-store.enabled=true",
                UNRESTRICTED)) {
            HttpResponse<String> pools = application.get("/actuator/poolconsole/pools");
            assertThat((List<?>) read(pools, "$.pools[*].name")).isEqualTo(List.of("orders", "stock eu"));
            assertThat(EndpointApplication.<Map<String, String>>read(pools, "$.operations"))
                    .isEqualTo(Map.of("orders", "pool/orders", "stock eu", "pool/stock%20eu"));
            HttpResponse<String> orders = application.get("/actuator/poolconsole/pools/orders");
            assertThat(EndpointApplication.<Map<String, Object>>read(orders, "$.history"))
                    .containsKey("appended");
            HttpResponse<String> stock = application.get("/actuator/poolconsole/pools/stock%20eu");
            assertThat((String) read(stock, "$.report.name")).isEqualTo("stock eu");
            assertThat(EndpointApplication.<Map<String, Object>>read(stock, "$.history"))
                    .doesNotContainKey("appended");
            assertThat(application
                            .post("/actuator/pool/stock%20eu", "{\"operation\": \"resume\"}")
                            .body())
                    .contains("\"pool\":\"stock eu\"");
        }
    }

    @Test
    void withoutTheWatchTheHistoryIsEmpty() throws Exception {
        try (EndpointApplication application = new EndpointApplication(database, "crablet.pool.watch.enabled=false")) {
            HttpResponse<String> one = application.get("/actuator/poolconsole/pools/dataSource");
            assertThat((List<?>) read(one, "$.history.active")).isEmpty();
            assertThat(EndpointApplication.<Map<String, Object>>read(one, "$.history"))
                    .doesNotContainKey("appended");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoPools {

        @Bean
        @Primary
        HikariDataSource orders(Environment environment) {
            return pool(environment);
        }

        @Bean("stock eu")
        HikariDataSource stock(Environment environment) {
            return pool(environment);
        }

        private static HikariDataSource pool(Environment environment) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
            pool.setUsername(environment.getRequiredProperty("spring.datasource.username"));
            pool.setPassword(environment.getRequiredProperty("spring.datasource.password"));
            pool.setMaximumPoolSize(2);
            return pool;
        }
    }
}
