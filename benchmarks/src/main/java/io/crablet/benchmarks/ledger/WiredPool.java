package io.crablet.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.autoconfigure.pool.PoolLabelsAutoConfiguration;
import io.crablet.autoconfigure.pool.PoolMetricsAutoConfiguration;
import io.crablet.autoconfigure.pool.PoolWatchAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import javax.sql.DataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** A pool that the starter's auto-configurations have found in an application. */
final class WiredPool {

    private WiredPool() {}

    static Lending around(HikariDataSource pool) {
        ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                // The side connection is not measured here, and the stub has no answers for it.
                .properties("crablet.pool.watch.interval=1h", "spring.main.banner-mode=off")
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean("dataSource", HikariDataSource.class, () -> pool))
                .run();
        DataSource wired = application.getBean(DataSource.class);
        return Lending.of(wired::getConnection, application::close);
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        PoolWatchAutoConfiguration.class,
        PoolLabelsAutoConfiguration.class,
        PoolMetricsAutoConfiguration.class
    })
    static class Application {

        @Bean
        SimpleMeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        ObservationRegistry observations(MeterRegistry meters) {
            ObservationRegistry observations = ObservationRegistry.create();
            observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
            return observations;
        }
    }
}
