package io.crablet.sample.dashboards;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.sample.dashboards.DashboardFiles.Rule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every expression of rules and dashboards, evaluated by a Prometheus that scrapes two instances in trouble. */
@Tag("prometheus")
@Timeout(300)
class DashboardsOnPrometheusTests {

    /** Those whose thresholds the staged faults pass in a minute or so. */
    private static final List<String> RAISED = List.of(
            "CrabletPoolExhausted",
            "CrabletCallersWaiting",
            "CrabletSuspectConnections",
            "CrabletConnectionLeaks",
            "CrabletBorrowTimeouts",
            "CrabletSecondBorrows",
            "CrabletIdleInTransaction",
            "CrabletSessionsBlocked",
            "CrabletDatabaseUnreachable",
            "CrabletAppendConflicts",
            "CrabletAppendErrors",
            "CrabletReaderStandsStill");

    /** What needs minutes of its own, or a server that has more to do. */
    private static final List<String> SILENT = List.of(
            "CrabletLongQuery",
            "CrabletNearMaxConnections",
            "CrabletServerNotWatched",
            "CrabletAppendSlow",
            "CrabletHeadStandsStill");

    private static final Map<String, String> ALL = Map.of(
            "application",
            ".*",
            "instance",
            ".*",
            "pool",
            ".*",
            "__rate_interval",
            "1m",
            "__interval",
            "15s",
            "__range",
            "1h");

    private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+)");

    private static final Pattern IN_LEGEND = Pattern.compile("\\{\\{(\\w+)}}");

    private static StagedInstances instances;
    private static PrometheusServer prometheus;

    @BeforeAll
    static void stage(@TempDir Path folder) throws Exception {
        instances = StagedInstances.start();
        prometheus = PrometheusServer.start(folder, instances.addresses());
        // With what was there before, so that Prometheus sees the counters grow.
        await().atMost(20, SECONDS)
                .until(() ->
                        prometheus.query("crablet_pool_timeouts_total == 0").size() == 2);
        instances.stage();
        await().atMost(120, SECONDS).untilAsserted(() -> assertThat(raised()).containsAll(RAISED));
    }

    @AfterAll
    static void stop() throws Exception {
        if (prometheus != null) {
            prometheus.close();
        }
        if (instances != null) {
            instances.close();
        }
    }

    static List<Dashboard> dashboards() {
        return DashboardFiles.dashboards();
    }

    @Test
    void alertsAreRaisedByWhatIsStagedAndByNothingElse() {
        assertThat(raised()).hasSameElementsAs(RAISED).doesNotContainAnyElementsOf(SILENT);
        assertThat(Stream.concat(RAISED.stream(), SILENT.stream()))
                .hasSameElementsAs(
                        DashboardFiles.alerts().stream().map(Rule::name).toList());
    }

    @Test
    void alertsNameTheInstanceInTroubleOnly() {
        List<String> addresses = instances.addresses();
        assertThat(Dashboard.stream(prometheus.alerts()).map(alert -> alert.get("labels")))
                .filteredOn(labels -> List.of(
                                "CrabletPoolExhausted", "CrabletDatabaseUnreachable", "CrabletReaderStandsStill")
                        .contains(labels.get("alertname").asString()))
                .hasSize(3)
                .allSatisfy(
                        labels -> assertThat(labels.get("instance").asString()).isEqualTo(addresses.get(1)));
        assertThat(Dashboard.stream(prometheus.alerts()).map(alert -> alert.get("labels")))
                .filteredOn(labels -> labels.get("alertname").asString().equals("CrabletConnectionLeaks"))
                .singleElement()
                .satisfies(
                        labels -> assertThat(labels.get("instance").asString()).isEqualTo(addresses.get(0)));
    }

    @Test
    void everyRuleIsEvaluatedAndEveryRecordingHasData() {
        assertThat(Dashboard.stream(prometheus.rules()).flatMap(group -> Dashboard.stream(group.get("rules"))))
                .hasSameSizeAs(DashboardFiles.rules())
                .allSatisfy(rule -> assertThat(rule.get("health").asString())
                        .as(rule.toString())
                        .isEqualTo("ok"));
        assertThat(DashboardFiles.rules())
                .filteredOn(rule -> !rule.isAlert())
                .allSatisfy(rule -> assertThatThereIsData(rule.name(), rule.name(), ""));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyQueryOfADashboardReturnsDataOfAll(Dashboard dashboard) {
        assertThat(dashboard.queries())
                .allSatisfy(query -> assertThatThereIsData(query.where(), with(ALL, query.expr()), query.legend()));
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyQueryOfADashboardReturnsDataOfWhatIsChosen(Dashboard dashboard) {
        Map<String, String> chosen = new HashMap<>(ALL);
        for (Dashboard.Values values : dashboard.values()) {
            JsonNode found = prometheus.values(values.label(), with(chosen, values.selector()));
            assertThat(found).as(values.toString()).isNotEmpty();
            chosen.put(
                    values.variable(),
                    Dashboard.stream(found)
                            .map(value -> value.asString().replace(".", "\\\\."))
                            .collect(Collectors.joining("|", "(", ")")));
        }
        assertThat(chosen.get("application")).isEqualTo("(course-subscriptions)");
        assertThat(chosen.get("instance")).contains("|");
        assertThat(chosen.get("pool")).isEqualTo("(dataSource)");
        assertThat(dashboard.queries())
                .allSatisfy(query -> assertThatThereIsData(query.where(), with(chosen, query.expr()), query.legend()));
    }

    private static List<String> raised() {
        return Dashboard.stream(prometheus.alerts())
                .map(alert -> alert.at("/labels/alertname").asString())
                .distinct()
                .toList();
    }

    /** As Grafana fills in its variables. */
    private static String with(Map<String, String> variables, String expr) {
        return VARIABLE.matcher(expr)
                .replaceAll(variable -> Matcher.quoteReplacement(variables.get(variable.group(1))));
    }

    private static void assertThatThereIsData(String where, String expr, String legend) {
        JsonNode series = prometheus.query(expr);
        assertThat(Dashboard.stream(series).map(one -> one.get("value").get(1).asString()))
                .as(where + ": " + expr)
                .anySatisfy(value -> assertThat(value).isNotEqualTo("NaN"));
        IN_LEGEND
                .matcher(legend)
                .results()
                .forEach(label -> assertThat(Dashboard.stream(series))
                        .as(where + ": " + legend)
                        .allSatisfy(one -> assertThat(one.get("metric").has(label.group(1)))
                                .isTrue()));
    }
}
