package io.crablet.autoconfigure.eventstore;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.micrometer.EventStoreMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the event store's meters, where the application has a registry for them. */
@AutoConfiguration(
        after = EventStoreAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, EventStore.class})
public final class EventStoreMetricsAutoConfiguration {

    /** Created by Spring. */
    EventStoreMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    EventStoreMetrics crabletEventStoreMetrics(MeterRegistry registry) {
        return new EventStoreMetrics(registry);
    }
}
