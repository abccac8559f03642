package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What Grafana would pass over in silence, or show wrong. */
class DashboardFormTests {

    private static final int COLUMNS = 24;

    private static final Set<String> TYPES = Set.of("row", "stat", "timeseries", "table", "bargauge");

    /** Of the names that Grafana has for units, those that are needed. */
    private static final Set<String> UNITS = Set.of("short", "none", "s", "percentunit");

    private static final Set<String> BUILT_IN = Set.of("__all", "__rate_interval", "__range", "__interval");

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");

    private static final Pattern RUNBOOK = Pattern.compile("\\$\\{runbook}#(\\w+)");

    static List<Dashboard> dashboards() {
        return DashboardFiles.dashboards();
    }

    @Test
    void dashboardsAreToldApart() {
        assertThat(dashboards())
                .extracting(dashboard -> dashboard.json().get("uid").asString() + ".json")
                .isEqualTo(dashboards().stream().map(Dashboard::file).toList());
        assertThat(dashboards())
                .extracting(dashboard -> dashboard.json().get("title").asString())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void aDashboardCanBeProvisionedAndSharedWithoutEdits(Dashboard dashboard) {
        JsonNode json = dashboard.json();
        assertThat(json.get("id").isNull()).as("one that Grafana gives").isTrue();
        assertThat(json.get("schemaVersion").asInt()).isGreaterThanOrEqualTo(39);
        assertThat(json.has("__inputs")).isFalse();
        assertThat(json.at("/time/from").asString()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyPanelHasAPlaceOfItsOwn(Dashboard dashboard) {
        assertThat(dashboard.panels())
                .extracting(panel -> panel.get("id").asInt())
                .doesNotHaveDuplicates();
        Set<List<Integer>> taken = new HashSet<>();
        for (JsonNode panel : dashboard.panels()) {
            JsonNode place = panel.get("gridPos");
            int right = place.get("x").asInt() + place.get("w").asInt();
            assertThat(right).as(title(panel)).isBetween(1, COLUMNS);
            for (int x = place.get("x").asInt(); x < right; x++) {
                for (int y = place.get("y").asInt();
                        y < place.get("y").asInt() + place.get("h").asInt();
                        y++) {
                    assertThat(taken.add(List.of(x, y))).as(title(panel)).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyPanelSaysWhatItShowsInWhichUnit(Dashboard dashboard) {
        assertThat(dashboard.panels()).allSatisfy(panel -> {
            assertThat(title(panel)).isNotBlank();
            assertThat(panel.get("type").asString()).isIn(TYPES);
        });
        assertThat(dashboard.charts()).allSatisfy(panel -> {
            assertThat(panel.get("description").asString()).as(title(panel)).endsWith(".");
            assertThat(panel.at("/fieldConfig/defaults/unit").asString())
                    .as(title(panel))
                    .isIn(UNITS);
            assertThat(panel.at("/fieldConfig/defaults/thresholds/steps/0/value")
                            .isNull())
                    .as("the first threshold of " + title(panel) + " is the base")
                    .isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyQueryAsksTheChosenDataSourceForTheChosenInstances(Dashboard dashboard) {
        for (JsonNode panel : dashboard.charts()) {
            assertThat(uid(panel)).as(title(panel)).isEqualTo("${datasource}");
            List<JsonNode> targets = Dashboard.stream(panel.get("targets")).toList();
            assertThat(targets).as(title(panel)).isNotEmpty();
            assertThat(targets)
                    .extracting(target -> target.get("refId").asString())
                    .doesNotHaveDuplicates();
            assertThat(targets).as(title(panel)).allSatisfy(target -> {
                assertThat(uid(target)).isEqualTo("${datasource}");
                assertThat(target.get("instant").asBoolean())
                        .isNotEqualTo(target.get("range").asBoolean());
                assertThat(target.get("expr").asString()).isNotBlank();
                Promql.of(target.get("expr").asString())
                        .selectors()
                        .forEach(selector -> assertThat(selector.labels()).contains("application", "instance"));
            });
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyVariableThatIsUsedIsThereAndTheOtherWayRound(Dashboard dashboard) {
        Set<String> defined = dashboard.variables().stream()
                .map(variable -> variable.get("name").asString())
                .collect(Collectors.toSet());
        assertThat(defined).contains("datasource", "application", "instance", "pool");
        Set<String> used = new HashSet<>();
        Matcher variable = VARIABLE.matcher(dashboard.json().toString());
        while (variable.find()) {
            used.add(variable.group(1));
        }
        used.removeAll(BUILT_IN);
        assertThat(used).isEqualTo(defined);
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void linksLeadToAlertsInTheRunbook(Dashboard dashboard) {
        List<String> anchors = dashboard.charts().stream()
                .flatMap(panel -> Dashboard.stream(panel.get("links")))
                .map(link -> {
                    Matcher url = RUNBOOK.matcher(link.get("url").asString());
                    assertThat(url.matches()).as(link.toString()).isTrue();
                    return url.group(1);
                })
                .toList();
        assertThat(anchors)
                .isNotEmpty()
                .isSubsetOf(DashboardFiles.alerts().stream()
                        .map(alert -> alert.name().toLowerCase(Locale.ROOT))
                        .toList());
    }

    private static String uid(JsonNode asking) {
        assertThat(asking.at("/datasource/type").asString()).isEqualTo("prometheus");
        return asking.at("/datasource/uid").asString();
    }

    private static String title(JsonNode panel) {
        return panel.get("title").asString();
    }
}
