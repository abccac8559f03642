package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.micrometer.PoolMetrics;
import io.crablet.sample.SampleTest;
import io.crablet.sample.dashboards.DashboardFiles.Rule;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

/** A meter or tag that is renamed breaks rules and dashboards, which nobody would notice before it is needed. */
@SampleTest
class MetricNamesTests {

    /** What Prometheus adds to each series; `pod` is there on Kubernetes only. */
    private static final Set<String> TARGET_LABELS = Set.of("job", "instance", "pod");

    /** Metrics of others that are not there from the start, and Prometheus' own. */
    private static final Map<String, Set<String>> FOREIGN = Map.of(
            "jvm_gc_pause_seconds_sum", Set.of("action", "cause", "gc", "application"),
            "ALERTS", Set.of("alertname", "alertstate", "severity", "application", "pool"));

    private static final Pattern SAMPLE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? ", Pattern.MULTILINE);
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern IN_LEGEND = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Pattern IN_ANNOTATION = Pattern.compile("\\$labels\\.(\\w+)");

    private final Map<String, Set<String>> known = new HashMap<>();

    @BeforeEach
    void scrape(@Autowired RestTestClient client) {
        String exposition = client.get()
                .uri("/actuator/prometheus")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .returnResult()
                .getResponseBody();
        Matcher sample = SAMPLE.matcher(exposition);
        while (sample.find()) {
            Set<String> labels = known.computeIfAbsent(sample.group(1), name -> new HashSet<>());
            LABEL.matcher(sample.group(2) == null ? "" : sample.group(2))
                    .results()
                    .forEach(l -> labels.add(l.group(1)));
        }
        FOREIGN.forEach(known::putIfAbsent);
        // The series of statements are there where the server keeps statistics of them, which that of the tests does
        // not.
        Stream.of(statements(PoolMetrics.STATEMENT_CALLS, null), statements(PoolMetrics.STATEMENT_TIME, "seconds"))
                .forEach(name -> known.put(name, Set.of(PoolMetrics.POOL, PoolMetrics.QUERY_ID, "application")));
    }

    private static String statements(String meter, String unit) {
        return new PrometheusNamingConvention().name(meter, Meter.Type.GAUGE, unit);
    }

    @Test
    void everyRuleAsksForMetricsAndLabelsThatThereAre() {
        for (Rule rule : DashboardFiles.rules()) {
            Set<String> labels = labelsIn(rule.name(), rule.expr());
            if (rule.isAlert()) {
                String annotations = rule.annotation("summary") + rule.annotation("description");
                assertThat(found(IN_ANNOTATION, annotations)).as(rule.name()).isSubsetOf(labels);
            } else {
                known.put(rule.name(), labels);
            }
        }
    }

    @Test
    void everyRuleTestFeedsMetricsAndLabelsThatThereAre() {
        DashboardFiles.list(DashboardFiles.yaml(DashboardFiles.RULE_TESTS).get("tests"))
                .forEach(test -> DashboardFiles.list(test.get("input_series"))
                        .forEach(series ->
                                labelsIn(String.valueOf(test.get("name")), String.valueOf(series.get("series")))));
    }

    @Test
    void everyPanelAndVariableAsksForMetricsAndLabelsThatThereAre() {
        for (Dashboard dashboard : DashboardFiles.dashboards()) {
            for (Dashboard.Query query : dashboard.queries()) {
                Set<String> labels = labelsIn(query.where(), query.expr());
                assertThat(found(IN_LEGEND, query.legend())).as(query.where()).isSubsetOf(labels);
            }
            for (Dashboard.Values values : dashboard.values()) {
                assertThat(labelsIn(values.variable(), values.selector())).contains(values.label());
            }
        }
    }

    /** Returns all labels of the metrics in an expression, having seen that they exist. */
    private Set<String> labelsIn(String where, String expr) {
        Promql promql = Promql.of(expr);
        assertThat(promql.selectors()).as(where).isNotEmpty();
        Set<String> all = new HashSet<>(TARGET_LABELS);
        for (Promql.Selector selector : promql.selectors()) {
            assertThat(known).as(where).containsKey(selector.metric());
            Set<String> labels = new HashSet<>(known.get(selector.metric()));
            labels.addAll(TARGET_LABELS);
            assertThat(labels).as(where + ": " + selector.metric()).containsAll(selector.labels());
            all.addAll(labels);
        }
        assertThat(all).as(where).containsAll(promql.groupingLabels());
        return all;
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }
}
