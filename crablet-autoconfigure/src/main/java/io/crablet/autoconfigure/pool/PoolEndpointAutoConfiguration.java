package io.crablet.autoconfigure.pool;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.HandlerMapping;

/** Auto-configuration of the actuator endpoint {@code pool}. */
@AutoConfiguration(after = PoolWatchAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(WatchedPools.class)
@ConditionalOnAvailableEndpoint(PoolEndpoint.class)
public final class PoolEndpointAutoConfiguration {

    /** Created by Spring. */
    PoolEndpointAutoConfiguration() {}

    @Bean
    PoolReporter crabletPoolReporter(
            DataSources dataSources,
            WatchedPools pools,
            ObjectProvider<PoolStartCheck> startCheck,
            Environment environment) {
        String profile =
                PoolProfiles.nameIn(Binder.get(environment).bindOrCreate(PoolProperties.PREFIX, PoolProperties.class));
        return new PoolReporter(
                dataSources, pools, new PoolSettings(environment), startCheck.getIfAvailable(), profile);
    }

    @Bean
    PoolOperator crabletPoolOperator(
            WatchedPools pools, ObjectProvider<PoolStartCheck> startCheck, ApplicationEventPublisher publisher) {
        return new PoolOperator(pools, new PoolResize(startCheck.getIfAvailable()), new OperationAudit(publisher));
    }

    @Bean
    @ConditionalOnMissingBean
    PoolEndpoint poolEndpoint(PoolReporter reporter, PoolOperator operator, PoolWatchProperties watch) {
        return new PoolEndpoint(reporter, operator, show(watch));
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
    PoolEndpointWebExtension poolEndpointWebExtension(
            PoolReporter reporter, PoolOperator operator, PoolWatchProperties watch) {
        return new PoolEndpointWebExtension(reporter, operator, show(watch));
    }

    @Bean
    ForeignArgumentsAdvisor crabletForeignArgumentsAdvisor(
            ObjectProvider<RequestSource> request, ApplicationEventPublisher publisher) {
        return new ForeignArgumentsAdvisor(request.getIfAvailable(), new OperationAudit(publisher));
    }

    private static Show show(PoolWatchProperties watch) {
        return Show.valueOf(watch.showSql().name());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HandlerMapping.class)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    static class WebMvcConfiguration {

        @Bean
        MvcRequest crabletPoolEndpointRequest() {
            return new MvcRequest();
        }
    }
}
