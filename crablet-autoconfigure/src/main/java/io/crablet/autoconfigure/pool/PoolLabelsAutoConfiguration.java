package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.BorrowContext;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.scheduling.support.ScheduledTaskObservationContext;
import org.springframework.web.servlet.HandlerMapping;

/** Auto-configuration of what says what a thread does that borrows a connection, and for which trace. */
@AutoConfiguration(after = PoolWatchAutoConfiguration.class)
@ConditionalOnBean(Ledgers.class)
public final class PoolLabelsAutoConfiguration {

    /** Created by Spring. */
    PoolLabelsAutoConfiguration() {}

    @Bean
    BorrowContext crabletBorrowContext(ObjectProvider<OperationSource> operations, ObjectProvider<TraceSource> traces) {
        return new SpringBorrowContext(
                operations.orderedStream().toList(), traces.orderedStream().toList());
    }

    @Bean
    @Order(2)
    TransactionName crabletTransactionName() {
        return new TransactionName();
    }

    @Bean
    @Order(2)
    MdcTrace crabletMdcTrace() {
        return new MdcTrace();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HandlerMapping.class)
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    static class WebMvcConfiguration {

        @Bean
        @Order(1)
        HttpRoute crabletHttpRoute() {
            return new HttpRoute();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ObservationRegistry.class, ScheduledTaskObservationContext.class})
    static class ObservationConfiguration {

        @Bean
        @Order(3)
        ObservedTask crabletObservedTask(ObjectProvider<ObservationRegistry> observations) {
            return new ObservedTask(observations.getIfUnique(() -> ObservationRegistry.NOOP));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Tracer.class)
    static class TracingConfiguration {

        @Bean
        @Order(1)
        TracerTrace crabletTracerTrace(ObjectProvider<Tracer> tracer) {
            return new TracerTrace(tracer.getIfUnique(() -> Tracer.NOOP));
        }
    }
}
