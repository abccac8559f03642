package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.sample.dashboards.DashboardFiles.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class RuleFilesTests {

    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

    private static final Pattern ALERT_NAME = Pattern.compile("\\[alertname =~? \"?([\\w(|)]+)\"?]");

    private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);

    @Test
    void everyAlertSaysHowBadItIsForHowLongAndWhatToDo() {
        assertThat(DashboardFiles.alerts()).hasSize(17).allSatisfy(alert -> {
            assertThat(alert.name()).startsWith("Crablet");
            assertThat(alert.yaml()).containsKey("for");
            assertThat(DashboardFiles.map(alert.yaml().get("labels")))
                    .extractingByKey("severity")
                    .isIn("critical", "warning");
            assertThat(alert.annotation("summary")).contains("{{ $labels.application }}");
            assertThat(alert.annotation("description")).endsWith(".");
        });
        assertThat(DashboardFiles.rules()).extracting(Rule::name).doesNotHaveDuplicates();
    }

    @Test
    void everyAlertHasASectionInTheRunbook() {
        Set<String> anchors = HEADING.matcher(DashboardFiles.read(DashboardFiles.ROOT.resolve("docs/runbook.md")))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertThat(DashboardFiles.alerts()).allSatisfy(alert -> {
            String anchor = alert.name().toLowerCase(Locale.ROOT);
            assertThat(alert.annotation("runbook_url")).isEqualTo("docs/runbook.md#" + anchor);
            assertThat(anchors).contains(anchor);
        });
    }

    @Test
    void noInhibitionReachesBeyondThePoolOfAnInstanceOrHidesThatRequestsFail() {
        Matcher block = YAML.matcher(DashboardFiles.read(DashboardFiles.ROOT.resolve("dashboards/README.md")));
        assertThat(block.find()).isTrue();
        List<Map<String, ?>> inhibitions = DashboardFiles.list(
                DashboardFiles.map(new Yaml(new SafeConstructor(new LoaderOptions())).load(block.group(1)))
                        .get("inhibit_rules"));
        assertThat(inhibitions).isNotEmpty().allSatisfy(inhibition -> {
            assertThat(inhibition.get("equal")).isEqualTo(List.of("application", "instance", "pool"));
            assertThat(alerts(inhibition, "source_matchers")).containsExactly("CrabletDatabaseUnreachable");
            assertThat(alerts(inhibition, "target_matchers"))
                    .containsExactlyInAnyOrder("CrabletPoolExhausted", "CrabletCallersWaiting");
        });
    }

    /** The alerts that a matcher of Alertmanager is for. */
    private static Set<String> alerts(Map<String, ?> inhibition, String matchers) {
        Matcher matcher = ALERT_NAME.matcher(String.valueOf(inhibition.get(matchers)));
        assertThat(matcher.matches()).isTrue();
        return names(DashboardFiles.alerts()).stream()
                .filter(name -> name.matches(matcher.group(1)))
                .collect(Collectors.toSet());
    }

    @Test
    void everyAlertFiresInATestAndStaysSilentInAnother() {
        assertThat(alertsInTests(Predicate.not(List::isEmpty))).isEqualTo(names(DashboardFiles.alerts()));
        assertThat(alertsInTests(List::isEmpty)).isEqualTo(names(DashboardFiles.alerts()));
    }

    @Test
    void everyRecordingIsTested() {
        String expressions = tests().stream()
                .flatMap(test -> DashboardFiles.list(test.get("promql_expr_test")).stream())
                .map(test -> String.valueOf(test.get("expr")))
                .collect(Collectors.joining(" "));
        assertThat(DashboardFiles.rules())
                .filteredOn(rule -> !rule.isAlert())
                .allSatisfy(rule -> assertThat(expressions).contains(rule.name()));
    }

    @Tag("prometheus")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "check rules crablet-rules.yml",
                "test rules crablet-rules-test.yml",
                "check config prometheus.yml"
            })
    void promtoolIsContent(String arguments) throws IOException, InterruptedException {
        Process promtool = new ProcessBuilder(("promtool " + arguments).split(" "))
                .directory(DashboardFiles.PROMETHEUS.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(promtool.waitFor()).as(output).isZero();
    }

    private static Set<String> alertsInTests(Predicate<List<?>> expected) {
        return tests().stream()
                .flatMap(test -> DashboardFiles.list(test.get("alert_rule_test")).stream())
                .filter(test -> expected.test(DashboardFiles.list(test.get("exp_alerts"))))
                .map(test -> String.valueOf(test.get("alertname")))
                .collect(Collectors.toSet());
    }

    private static List<Map<String, ?>> tests() {
        return DashboardFiles.list(
                DashboardFiles.yaml(DashboardFiles.RULE_TESTS).get("tests"));
    }

    private static Set<String> names(List<Rule> rules) {
        return rules.stream().map(Rule::name).collect(Collectors.toSet());
    }
}
