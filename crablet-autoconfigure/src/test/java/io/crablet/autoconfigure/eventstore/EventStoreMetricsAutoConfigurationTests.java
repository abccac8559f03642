package io.crablet.autoconfigure.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.micrometer.EventStoreMetrics;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@ExtendWith(PostgresExtension.class)
class EventStoreMetricsAutoConfigurationTests {

    private final ApplicationContextRunner withoutRegistry;
    private final ApplicationContextRunner withRegistry;

    EventStoreMetricsAutoConfigurationTests(TestDatabase database) {
        withoutRegistry = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        EventStoreAutoConfiguration.class,
                        EventStoreMetricsAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=2");
        withRegistry = withoutRegistry.withConfiguration(AutoConfigurations.of(
                MetricsAutoConfiguration.class,
                CompositeMeterRegistryAutoConfiguration.class,
                SimpleMetricsExportAutoConfiguration.class));
    }

    @Test
    void theStoresWorkIsInTheApplicationsRegistry() {
        withRegistry.withPropertyValues("crablet.event-store.schema=metered").run(context -> {
            EventStore store = context.getBean(EventStore.class);
            store.append(List.of(Event.of("A", "{}"), Event.of("A", "{}")));
            store.read(Query.all());

            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get("crablet.events.append")
                            .tag("outcome", "appended")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("crablet.events.appended").counter().count())
                    .isEqualTo(2);
            assertThat(registry.get("crablet.events.read").timer().count()).isEqualTo(1);
            assertThat(registry.get("crablet.events.head").gauge().value()).isEqualTo(2);
        });
    }

    @Test
    void metersOfTheApplicationAreLeftAlone() {
        withRegistry
                .withBean("own", EventStoreMetrics.class, () -> new EventStoreMetrics(new SimpleMeterRegistry()))
                .run(context -> assertThat(context)
                        .hasSingleBean(EventStoreMetrics.class)
                        .hasBean("own"));
    }

    @Test
    void thereAreNoneWithoutMicrometerARegistryOrAStore() {
        withoutRegistry.run(context ->
                assertThat(context).hasSingleBean(EventStore.class).doesNotHaveBean(EventStoreMetrics.class));
        withoutRegistry
                .withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(EventStore.class)
                        .doesNotHaveBean("crabletEventStoreMetrics"));
        withRegistry
                .withPropertyValues("crablet.event-store.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EventStoreMetrics.class));
    }
}
