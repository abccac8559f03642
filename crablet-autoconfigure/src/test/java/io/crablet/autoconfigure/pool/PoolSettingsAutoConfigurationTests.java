package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.PoolCapacityReport;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

@ExtendWith({PostgresExtension.class, OutputCaptureExtension.class})
class PoolSettingsAutoConfigurationTests {

    private final TestDatabase database;

    private LimitedRole role;

    private ApplicationContextRunner runner;

    PoolSettingsAutoConfigurationTests(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void createRole() throws SQLException {
        role = new LimitedRole(database);
        runner = new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(DataSourceAutoConfiguration.class, PoolSettingsAutoConfiguration.class))
                .withPropertyValues(role.properties());
    }

    @AfterEach
    void dropRole() throws SQLException {
        role.close();
    }

    @Test
    void twoPoolsOnOneServerShareItsLimit() {
        runner.withUserConfiguration(TwoPools.class).run(context -> {
            assertThat(context.getBean("first", HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(5);
            assertThat(context.getBean("second", HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(3);
            assertThat(context.getBean(PoolCapacityReport.class).message("second"))
                    .endsWith("10 - 5 for this application's other pools - 2 kept free = 3");
        });
    }

    @Test
    void thePoolsThatARoutingDataSourceChoosesFromAreCheckedAndBraked() {
        runner.withUserConfiguration(Routing.class)
                .withPropertyValues("DB_MAX_CONNS=4")
                .run(context -> {
                    Map<Object, DataSource> targets =
                            context.getBean(AbstractRoutingDataSource.class).getResolvedDataSources();
                    assertThat(targets.get("a"))
                            .isInstanceOfSatisfying(
                                    HikariDataSource.class,
                                    pool -> assertThat(pool.getMaximumPoolSize())
                                            .isEqualTo(4));
                    assertThat(context.getBean(PoolCapacityReport.class).message("tenants.a"))
                            .startsWith("maximum-pool-size 4 fits: ");
                });
    }

    @Test
    void aPoolWithConnectionDetailsOfAServiceIsChecked() {
        runner.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/none")
                .withBean(JdbcConnectionDetails.class, () -> new Details(database.jdbcUrl()))
                .run(context -> assertThat(
                                context.getBean(HikariDataSource.class).getMaximumPoolSize())
                        .isEqualTo(8));
    }

    @Test
    void aPoolThatWrapsADataSourceIsChecked() {
        runner.withBean(HikariDataSource.class, () -> {
                    HikariDataSource pool = new HikariDataSource();
                    pool.setDataSource(role.dataSource());
                    pool.setMaximumPoolSize(20);
                    return pool;
                })
                .run(context -> assertThat(
                                context.getBean(HikariDataSource.class).getMaximumPoolSize())
                        .isEqualTo(8));
    }

    @Test
    void aPoolThatNamesADataSourceClassIsChecked() {
        runner.withBean(HikariDataSource.class, () -> {
                    HikariDataSource pool = new HikariDataSource();
                    pool.setDataSourceClassName(PGSimpleDataSource.class.getName());
                    pool.addDataSourceProperty("url", database.jdbcUrl());
                    pool.setUsername(LimitedRole.NAME);
                    pool.setPassword(LimitedRole.PASSWORD);
                    pool.setMaximumPoolSize(20);
                    return pool;
                })
                .run(context -> assertThat(
                                context.getBean(HikariDataSource.class).getMaximumPoolSize())
                        .isEqualTo(8));
    }

    @Test
    void aPoolBehindAWrapperOrFromAFactoryBeanIsChecked() {
        runner.withUserConfiguration(Hidden.class).run(context -> {
            HikariDataSource made = context.getBean("made", HikariDataSource.class);
            PoolCapacityReport report = context.getBean(PoolCapacityReport.class);

            assertThat(made.getMaximumPoolSize()).isEqualTo(3);
            assertThat(report.message("wrapper")).startsWith("maximum-pool-size 5 fits: ");
            assertThat(report.message("made")).startsWith("maximum-pool-size lowered from 20 to 3: ");
        });
    }

    @Test
    void aPoolThatHasTakenEveryConnectionAlreadyIsMadeSmaller() {
        runner.withBean(HikariDataSource.class, () -> {
                    HikariConfig config = new HikariConfig();
                    config.setJdbcUrl(database.jdbcUrl());
                    config.setUsername(LimitedRole.NAME);
                    config.setPassword(LimitedRole.PASSWORD);
                    config.setMaximumPoolSize(20);
                    HikariDataSource pool = new HikariDataSource(config);
                    await().until(() -> pool.getHikariPoolMXBean().getTotalConnections() == 10);
                    return pool;
                })
                .run(context -> {
                    HikariDataSource pool = context.getBean(HikariDataSource.class);
                    assertThat(pool.getMaximumPoolSize()).isEqualTo(8);
                    await().untilAsserted(() -> assertThat(role.sessions()).isLessThanOrEqualTo(8));
                });
    }

    @Test
    void aPoolThatSpringBootHidesBehindALazyProxyIsChecked() {
        runner.withPropertyValues("spring.datasource.connection-fetch=lazy").run(context -> {
            assertThat(context.getBean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
            assertThat(context.getBean(DataSource.class)
                            .unwrap(HikariConfigMXBean.class)
                            .getMaximumPoolSize())
                    .isEqualTo(8);
        });
    }

    @Test
    void aLazyPoolIsCheckedWhenItIsMade() {
        runner.withUserConfiguration(LazyPool.class).run(context -> {
            assertThat(context.getBean(PoolCapacityReport.class).messages()).isEmpty();
            assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(8);
        });
    }

    @Test
    void aScopedPoolIsCheckedEachTimeItIsMadeAndNotThroughItsProxy() {
        runner.withUserConfiguration(ScopedPool.class).run(context -> {
            assertThat(AopUtils.isAopProxy(context.getBean("scoped"))).isTrue();
            assertThat(context.getBean(PoolCapacityReport.class).messages()).isEmpty();
            HikariDataSource target = context.getBean("scopedTarget.scoped", HikariDataSource.class);
            assertThat(target.getMaximumPoolSize()).isEqualTo(8);
            target.close();
            HikariDataSource next = context.getBean("scopedTarget.scoped", HikariDataSource.class);
            assertThat(next).isNotSameAs(target);
            assertThat(next.getMaximumPoolSize()).isEqualTo(8);
        });
    }

    @Test
    void theBrakeLowersAPoolThatTheApplicationMadeItself(CapturedOutput output) {
        runner.withPropertyValues("DB_MAX_CONNS=2")
                .withUserConfiguration(TwoPools.class)
                .run(context -> {
                    assertThat(context.getBean("first", HikariDataSource.class).getMaximumPoolSize())
                            .isEqualTo(2);
                    assertThat(output).contains("Pool first: maximum-pool-size lowered from 5 to 2 by DB_MAX_CONNS");
                });
    }

    @Test
    void withoutHikariItBacksOff() {
        runner.withClassLoader(new FilteredClassLoader("com.zaxxer.hikari"))
                .withPropertyValues("spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource")
                .run(context -> {
                    assertThat(context).hasSingleBean(DataSource.class);
                    assertThat(context).doesNotHaveBean(PoolSettingsAutoConfiguration.class);
                });
    }

    @Test
    void anotherKindOfPoolIsLeftAlone() {
        runner.withPropertyValues("spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource")
                .run(context -> {
                    assertThat(context).hasSingleBean(DataSource.class);
                    assertThat(context.getBean(PoolCapacityReport.class).messages())
                            .isEmpty();
                });
    }

    private static HikariDataSource pool(String url, int maximum) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(LimitedRole.NAME);
        pool.setPassword(LimitedRole.PASSWORD);
        pool.setMaximumPoolSize(maximum);
        return pool;
    }

    private record Details(String url) implements JdbcConnectionDetails {

        @Override
        public String getUsername() {
            return LimitedRole.NAME;
        }

        @Override
        public String getPassword() {
            return LimitedRole.PASSWORD;
        }

        @Override
        public String getJdbcUrl() {
            return url;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoPools {

        @Bean
        HikariDataSource first(@Value("${test.url}") String url) {
            return pool(url, 5);
        }

        @Bean
        @DependsOn("first")
        HikariDataSource second(@Value("${test.url}") String url) {
            return pool(url, 20);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Routing {

        @Bean
        DataSource tenants(@Value("${test.url}") String url) {
            AbstractRoutingDataSource tenants = new AbstractRoutingDataSource() {

                @Override
                protected Object determineCurrentLookupKey() {
                    throw new IllegalStateException("There is no tenant yet");
                }
            };
            tenants.setTargetDataSources(Map.of("a", pool(url, 20)));
            return tenants;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Hidden {

        @Bean
        DataSource wrapper(@Value("${test.url}") String url) {
            return new TransactionAwareDataSourceProxy(pool(url, 5));
        }

        @Bean
        @DependsOn("wrapper")
        FactoryBean<HikariDataSource> made(@Value("${test.url}") String url) {
            return new FactoryBean<>() {

                @Override
                public HikariDataSource getObject() {
                    return pool(url, 20);
                }

                @Override
                public Class<?> getObjectType() {
                    return HikariDataSource.class;
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LazyPool {

        @Bean
        @Lazy
        HikariDataSource lazy(@Value("${test.url}") String url) {
            return pool(url, 20);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ScopedPool {

        @Bean
        @Scope(scopeName = ConfigurableBeanFactory.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource scoped(@Value("${test.url}") String url) {
            return pool(url, 20);
        }
    }
}
