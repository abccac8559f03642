package io.crablet.autoconfigure.pool;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** Auto-configuration of the actuator endpoint {@code pool}. */
@AutoConfiguration(after = PoolWatchAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(WatchedPools.class)
@ConditionalOnAvailableEndpoint(PoolEndpoint.class)
@Import(PoolEndpointsConfiguration.class)
public final class PoolEndpointAutoConfiguration {

    /** Created by Spring. */
    PoolEndpointAutoConfiguration() {}

    @Bean
    PoolOperator crabletPoolOperator(
            WatchedPools pools, ObjectProvider<PoolStartCheck> startCheck, ApplicationEventPublisher publisher) {
        return new PoolOperator(pools, new PoolResize(startCheck.getIfAvailable()), new OperationAudit(publisher));
    }

    @Bean
    @ConditionalOnMissingBean
    PoolEndpoint poolEndpoint(PoolReporter reporter, PoolOperator operator, PoolWatchProperties watch) {
        return new PoolEndpoint(reporter, operator, PoolEndpointsConfiguration.show(watch));
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
    PoolEndpointWebExtension poolEndpointWebExtension(
            PoolReporter reporter, PoolOperator operator, PoolWatchProperties watch) {
        return new PoolEndpointWebExtension(reporter, operator, PoolEndpointsConfiguration.show(watch));
    }
}
