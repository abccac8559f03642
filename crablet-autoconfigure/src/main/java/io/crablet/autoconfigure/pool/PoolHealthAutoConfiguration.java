package io.crablet.autoconfigure.pool;

import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.boot.jdbc.metadata.CompositeDataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the health components {@code pool} and {@code db}, which borrow no connection. {@code db} takes the
 * place of Spring Boot's, which does, for HikariCP's pools.
 */
@AutoConfiguration(
        after = PoolWatchAutoConfiguration.class,
        before = DataSourceHealthContributorAutoConfiguration.class)
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(WatchedPools.class)
public final class PoolHealthAutoConfiguration {

    /** Created by Spring. */
    PoolHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnEnabledHealthIndicator("pool")
    @ConditionalOnMissingBean(name = {"poolHealthIndicator", "poolHealthContributor"})
    HealthContributor poolHealthContributor(
            DataSources dataSources,
            WatchedPools watch,
            ObjectProvider<PoolStartCheck> startCheck,
            Environment environment) {
        String profile =
                PoolProfiles.nameIn(Binder.get(environment).bindOrCreate(PoolProperties.PREFIX, PoolProperties.class));
        PoolStartCheck check = startCheck.getIfAvailable();
        Map<String, HealthContributor> contributors = new LinkedHashMap<>();
        dataSources.pools().forEach((name, pool) -> {
            String inForce = dataSources.hasProfile(pool) ? profile : PoolProfiles.NONE;
            contributors.put(name, new PoolHealthIndicator(name, pool, inForce, watch, check));
        });
        return oneOrComposite(contributors);
    }

    @Bean
    @ConditionalOnEnabledHealthIndicator("db")
    @ConditionalOnBooleanProperty(name = "crablet.pool.watch.enabled", matchIfMissing = true)
    @ConditionalOnMissingBean(name = {"dbHealthIndicator", "dbHealthContributor"})
    HealthContributor dbHealthContributor(
            DataSources dataSources, WatchedPools watch, ObjectProvider<DataSourcePoolMetadataProvider> metadata) {
        Map<String, HealthContributor> contributors = new LinkedHashMap<>();
        dataSources.pools().keySet().forEach(pool -> contributors.put(pool, new DatabaseHealthIndicator(pool, watch)));
        // Those that cannot be watched are asked as Spring Boot would ask them.
        dataSources
                .others()
                .forEach((name, dataSource) -> contributors.put(
                        name, new DataSourceHealthIndicator(dataSource, validationQuery(dataSource, metadata))));
        return oneOrComposite(contributors);
    }

    private static HealthContributor oneOrComposite(Map<String, HealthContributor> contributors) {
        return contributors.size() == 1
                ? contributors.values().iterator().next()
                : CompositeHealthContributor.fromMap(contributors);
    }

    private static @Nullable String validationQuery(
            DataSource dataSource, ObjectProvider<DataSourcePoolMetadataProvider> metadata) {
        DataSourcePoolMetadata pool = new CompositeDataSourcePoolMetadataProvider(
                        metadata.orderedStream().toList())
                .getDataSourcePoolMetadata(dataSource);
        return pool == null ? null : pool.getValidationQuery();
    }
}
