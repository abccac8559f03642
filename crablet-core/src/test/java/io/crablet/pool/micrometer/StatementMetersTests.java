package io.crablet.pool.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.TopStatement;
import io.crablet.pool.TopStatements;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StatementMetersTests {

    private static final Tags POOL = Tags.of(PoolMetrics.POOL, "orders");

    private final PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final StatementMeters meters = new StatementMeters(prometheus, POOL);

    @Test
    void eachStatementOfTheListHasItsFigures() {
        meters.show(list(statement("-7", 3, Duration.ofMillis(1500)), statement("8", 1, Duration.ofSeconds(1))));
        assertThat(series())
                .containsExactlyInAnyOrder(
                        "crablet_postgres_statement_calls{pool=\"orders\",query_id=\"-7\"} 3.0",
                        "crablet_postgres_statement_calls{pool=\"orders\",query_id=\"8\"} 1.0",
                        "crablet_postgres_statement_time_seconds{pool=\"orders\",query_id=\"-7\"} 1.5",
                        "crablet_postgres_statement_time_seconds{pool=\"orders\",query_id=\"8\"} 1.0");
    }

    @Test
    void whatStaysInTheListGetsItsNewFiguresAndWhatLeavesItGoes() {
        meters.show(list(statement("7", 3, Duration.ofSeconds(3)), statement("8", 1, Duration.ofSeconds(1))));
        meters.show(list(statement("9", 5, Duration.ofSeconds(5)), statement("7", 4, Duration.ofSeconds(4))));
        assertThat(series())
                .containsExactlyInAnyOrder(
                        "crablet_postgres_statement_calls{pool=\"orders\",query_id=\"9\"} 5.0",
                        "crablet_postgres_statement_calls{pool=\"orders\",query_id=\"7\"} 4.0",
                        "crablet_postgres_statement_time_seconds{pool=\"orders\",query_id=\"9\"} 5.0",
                        "crablet_postgres_statement_time_seconds{pool=\"orders\",query_id=\"7\"} 4.0");
    }

    @Test
    void theyAreAbsentWhereNothingIsKnown() {
        meters.show(list(statement("7", 3, Duration.ofSeconds(3))));
        meters.show(TopStatements.hidden(Instant.now(), "Install it."));
        assertThat(series()).isEmpty();
        meters.show(list(statement("7", 3, Duration.ofSeconds(3))));
        assertThat(series()).hasSize(2);
        meters.show(null);
        assertThat(series()).isEmpty();
    }

    @Test
    void listsThatChangeForDaysLeaveNothingBehindInAnyRegistry() {
        SimpleMeterRegistry simple = new SimpleMeterRegistry();
        CompositeMeterRegistry composite = new CompositeMeterRegistry();
        composite.add(prometheus);
        composite.add(simple);
        for (MeterRegistry registry : List.of(composite, prometheus, simple)) {
            registry.config().commonTags("application", "shop");
        }
        StatementMeters all = new StatementMeters(composite, POOL);
        IntStream.range(0, 2_000)
                .forEach(i -> all.show(list(IntStream.range(i, i + TopStatements.MAX_LISTED)
                        .mapToObj(id -> statement(Integer.toString(id), 1, Duration.ofSeconds(1)))
                        .toArray(TopStatement[]::new))));

        assertThat(composite.getMeters()).hasSize(2 * TopStatements.MAX_LISTED);
        assertThat(simple.getMeters()).hasSize(2 * TopStatements.MAX_LISTED);
        assertThat(series())
                .hasSize(2 * TopStatements.MAX_LISTED)
                .allMatch(line -> line.matches(".*query_id=\"(1999|200\\d)\".*"));
    }

    private List<String> series() {
        return prometheus.scrape().lines().filter(line -> !line.startsWith("#")).toList();
    }

    private static TopStatements list(TopStatement... statements) {
        return new TopStatements(Instant.now(), null, Arrays.asList(statements), null);
    }

    private static TopStatement statement(String queryId, long calls, Duration total) {
        return new TopStatement(queryId, "select $1", calls, total, total.dividedBy(calls), total, calls, 0, 0);
    }
}
