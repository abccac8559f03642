package io.crablet.autoconfigure.pool;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.HandlerMapping;

/** What the endpoints of pools have in common. */
@Configuration(proxyBeanMethods = false)
class PoolEndpointsConfiguration {

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
    ForeignArgumentsAdvisor crabletForeignArgumentsAdvisor(
            ObjectProvider<RequestSource> request, ApplicationEventPublisher publisher) {
        return new ForeignArgumentsAdvisor(request.getIfAvailable(), new OperationAudit(publisher));
    }

    static Show show(PoolWatchProperties watch) {
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
