package io.crablet.autoconfigure.pool;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.util.ClassUtils;
import org.springframework.web.servlet.HandlerMapping;

/** Auto-configuration of the console of pools, the actuator endpoint {@code poolconsole}. */
@AutoConfiguration(after = PoolWatchAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(WatchedPools.class)
@ConditionalOnWebApplication
@ConditionalOnAvailableEndpoint(endpoint = PoolConsoleEndpoint.class, exposure = EndpointExposure.WEB)
@Import(PoolEndpointsConfiguration.class)
public final class PoolConsoleAutoConfiguration {

    private static final String SPRING_SECURITY = "org.springframework.security.core.Authentication";

    /** Created by Spring. */
    PoolConsoleAutoConfiguration() {}

    @Bean
    AppendedEvents crabletAppendedEvents(WatchedPools pools) {
        return new AppendedEvents(pools.clock());
    }

    @Bean
    @ConditionalOnMissingBean
    PoolConsoleEndpoint poolConsoleEndpoint(
            PoolReporter reporter,
            WatchedPools pools,
            AppendedEvents appended,
            EndpointAccessResolver access,
            ObjectProvider<PathMappedEndpoints> paths,
            ObjectProvider<ConsoleRequest> request,
            PoolWatchProperties watch,
            Environment environment) {
        ConsoleRequest asked = request.getIfAvailable(() -> new UnknownRequest(
                ClassUtils.isPresent(SPRING_SECURITY, getClass().getClassLoader())));
        return new PoolConsoleEndpoint(
                new ConsoleFiles(),
                new ConsoleReporter(reporter, pools, appended, environment.getProperty("spring.application.name", "")),
                new ConsoleLinks(access, paths::getObject, asked),
                asked,
                PoolEndpointsConfiguration.show(watch));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HandlerMapping.class)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    static class WebMvcConfiguration {

        @Bean
        MvcConsoleRequest crabletConsoleRequest(ObjectProvider<RequestRights> rights) {
            return new MvcConsoleRequest(rights.getIfAvailable(() -> RequestRights.ALL));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(FilterChainProxy.class)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    static class SecurityConfiguration {

        @Bean
        SecuredRequestRights crabletRequestRights(ObjectProvider<FilterChainProxy> security) {
            return new SecuredRequestRights(security);
        }
    }
}
