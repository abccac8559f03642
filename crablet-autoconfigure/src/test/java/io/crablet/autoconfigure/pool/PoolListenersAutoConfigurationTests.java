package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.micrometer.PoolMetrics;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.test.simple.SimpleTracer;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.HandlerMapping;

@ExtendWith(PostgresExtension.class)
class PoolListenersAutoConfigurationTests {

    private final ApplicationContextRunner runner;

    PoolListenersAutoConfigurationTests(TestDatabase database) {
        runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        PoolSettingsAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class,
                        PoolLabelsAutoConfiguration.class,
                        PoolMetricsAutoConfiguration.class,
                        DataSourceAutoConfiguration.class))
                .withPropertyValues(
                        "crablet.pool.profile=none",
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=2",
                        "spring.datasource.hikari.minimum-idle=0");
    }

    @Test
    void thePoolHasMetersWhereThereIsARegistry() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new).run(context -> {
            borrow(context);
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get(PoolMetrics.HELD)
                            .tag(PoolMetrics.POOL, "dataSource")
                            .tag(PoolMetrics.OPERATION, "none")
                            .functionTimer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void withoutARegistryAllElseWorks() {
        runner.run(context -> {
            assertThat(context).doesNotHaveBean(PoolMeters.class);
            assertThat(borrow(context).id()).isEqualTo(1);
        });
    }

    @Test
    void aWatchThatIsSwitchedOffHasNoMeters() {
        runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withPropertyValues("crablet.pool.watch.enabled=false")
                .run(context -> assertThat(context.getBean(MeterRegistry.class).getMeters())
                        .isEmpty());
    }

    @Test
    void everyLibraryIsOptional() {
        runner.withClassLoader(new FilteredClassLoader(
                        MeterRegistry.class,
                        ObservationRegistry.class,
                        Tracer.class,
                        HandlerMapping.class,
                        RequestContextHolder.class))
                .run(context -> {
                    assertThat(context)
                            .hasNotFailed()
                            .hasSingleBean(BorrowContext.class)
                            .doesNotHaveBean(PoolMeters.class)
                            .doesNotHaveBean(ObservedTask.class)
                            .doesNotHaveBean(TracerTrace.class)
                            .doesNotHaveBean(HttpRoute.class);
                    assertThat(borrow(context).operation()).isNull();
                });
    }

    @Test
    void theTraceOfTheCurrentSpanComesFirst() {
        runner.withBean(Tracer.class, SimpleTracer::new).run(context -> {
            Tracer tracer = context.getBean(Tracer.class);
            Span span = tracer.nextSpan().start();
            try (Tracer.SpanInScope scope = tracer.withSpan(span)) {
                assertThat(scope).isNotNull();
                assertThat(borrow(context).traceId())
                        .isNotEmpty()
                        .isEqualTo(span.context().traceId());
            }
            assertThat(borrow(context).traceId()).isNull();
        });
    }

    @Test
    void aSourceThatFailsKeepsNobodyFromBorrowing() {
        OperationSource failing = () -> {
            throw new IllegalStateException("no idea");
        };
        TraceSource failingToo = () -> {
            throw new IllegalStateException("no idea");
        };
        runner.withBean("failing", OperationSource.class, () -> failing)
                .withBean("other", OperationSource.class, () -> () -> "other")
                .withBean("failingToo", TraceSource.class, () -> failingToo)
                .run(context -> {
                    BorrowedConnection borrow = borrow(context);
                    assertThat(borrow.operation()).isEqualTo("other");
                    assertThat(borrow.traceId()).isNull();
                });
    }

    private static BorrowedConnection borrow(ApplicationContext context) throws SQLException {
        DataSource pool = context.getBean(DataSource.class);
        try (Connection connection = pool.getConnection()) {
            assertThat(connection.isClosed()).isFalse();
            return pool.unwrap(ConnectionLedger.class).snapshot().borrowed().get(0);
        }
    }
}
