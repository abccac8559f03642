package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.BorrowLabels;
import io.crablet.pool.PoolStatistics;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.LedgerLog;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Auto-configuration of the watch over HikariCP's pools and their databases. */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnClass(HikariDataSource.class)
@ConditionalOnBean(DataSource.class)
@EnableConfigurationProperties({PoolHealthProperties.class, PoolServerProperties.class, PoolWatchProperties.class})
public final class PoolWatchAutoConfiguration {

    /** Created by Spring. */
    PoolWatchAutoConfiguration() {}

    @Bean
    @ConditionalOnBooleanProperty(name = "crablet.pool.watch.enabled", matchIfMissing = true)
    static LedgerPostProcessor crabletLedgerPostProcessor(ObjectProvider<Ledgers> ledgers) {
        return new LedgerPostProcessor(ledgers);
    }

    @Bean
    Ledgers crabletLedgers(PoolWatchProperties watch) {
        return new Ledgers(watch.ledger());
    }

    @Bean
    DataSources crabletDataSources(ConfigurableListableBeanFactory beanFactory, Environment environment) {
        return new DataSources(
                beanFactory,
                environment.getProperty("management.health.db.ignore-routing-data-sources", Boolean.class, false));
    }

    @Bean
    WatchedPools crabletWatchedPools(
            DataSources dataSources,
            PoolWatchProperties watch,
            PoolServerProperties server,
            PoolHealthProperties health) {
        return new WatchedPools(dataSources, watch, server, health.limits());
    }

    @Bean
    LedgerListeners crabletLedgerLogs(WatchedPools pools, PoolWatchProperties watch) {
        return pool -> new LedgerLog(
                pool, connection -> pools.verdict(pool, connection).message(), watch.reclaimLeaked());
    }

    @Bean
    LedgerConnector crabletLedgerConnector(
            Ledgers ledgers,
            ObjectProvider<BorrowContext> context,
            ObjectProvider<LedgerListeners> listeners,
            DataSources dataSources) {
        return new LedgerConnector(ledgers, context, listeners, dataSources);
    }

    @Bean
    PoolStatisticsListener crabletPoolStatisticsListener(WatchedPools watch) {
        return new PoolStatisticsListener(new PoolStatistics(watch.gauges()));
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "crablet.pool.watch.enabled", matchIfMissing = true)
    @ConditionalOnMissingBean(BorrowLabels.class)
    PoolWatchLabels crabletPoolWatchLabels() {
        return new PoolWatchLabels();
    }

    @Bean
    ForgottenStreams crabletForgottenStreams(Ledgers ledgers) {
        return new ForgottenStreams(ledgers);
    }
}
