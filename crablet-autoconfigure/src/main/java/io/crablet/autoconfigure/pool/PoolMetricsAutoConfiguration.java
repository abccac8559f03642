package io.crablet.autoconfigure.pool;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of the pools' meters, where the application has a registry for them. */
@AutoConfiguration(
        after = PoolWatchAutoConfiguration.class,
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({MeterRegistry.class, WatchedPools.class})
@ConditionalOnBooleanProperty(name = "crablet.pool.watch.enabled", matchIfMissing = true)
public final class PoolMetricsAutoConfiguration {

    /** Created by Spring. */
    PoolMetricsAutoConfiguration() {}

    @Bean
    PoolMeters crabletPoolMeters(WatchedPools watch, MeterRegistry registry) {
        return new PoolMeters(watch, registry);
    }
}
