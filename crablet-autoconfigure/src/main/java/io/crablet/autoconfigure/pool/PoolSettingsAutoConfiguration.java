package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.HikariDataSourcePoolMetadata;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the pool's settings: profiles, the emergency brake and the capacity check. There need be no
 * {@code DataSource} bean yet when its conditions are evaluated: it waits for Hikari pools, wherever they come from.
 */
@AutoConfiguration(before = DataSourceAutoConfiguration.class)
@ConditionalOnClass(HikariDataSource.class)
@EnableConfigurationProperties(PoolProperties.class)
public final class PoolSettingsAutoConfiguration {

    /** For Spring, which makes the instance. */
    public PoolSettingsAutoConfiguration() {}

    @Bean
    static PoolPropertySourcesPostProcessor crabletPoolPropertySources(ConfigurableEnvironment environment) {
        return new PoolPropertySourcesPostProcessor(environment);
    }

    @Bean
    static PoolStartCheckPostProcessor crabletPoolStartCheckPostProcessor(ObjectProvider<PoolStartCheck> check) {
        return new PoolStartCheckPostProcessor(check);
    }

    @Bean
    PoolStartCheck crabletPoolStartCheck(PoolProperties properties, Environment environment) {
        return new PoolStartCheck(properties.capacityCheck(), EmergencyBrake.of(environment));
    }

    /**
     * Comes before Spring Boot's own, which reads a field of the pool and finds nothing there in one that has a ledger. Without it
     * {@code jdbc.connections.active} and {@code idle} were missing.
     */
    @Bean
    DataSourcePoolMetadataProvider crabletPoolMetadataProvider() {
        return dataSource -> {
            HikariDataSource pool = Unwrapping.routes(dataSource) ? null : Unwrapping.pool(dataSource);
            return pool == null ? null : new HikariDataSourcePoolMetadata(Unwrapping.bare(pool));
        };
    }
}
