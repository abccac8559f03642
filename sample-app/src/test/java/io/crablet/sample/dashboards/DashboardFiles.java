package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files for Prometheus and Grafana, as they are in the repository. */
final class DashboardFiles {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    static final Path PROMETHEUS = ROOT.resolve("dashboards/prometheus");
    static final Path RULES = PROMETHEUS.resolve("crablet-rules.yml");
    static final Path RULE_TESTS = PROMETHEUS.resolve("crablet-rules-test.yml");
    static final Path GRAFANA = ROOT.resolve("dashboards/grafana");

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private DashboardFiles() {}

    /** A rule: what it records, or the alert that it raises. */
    record Rule(Map<String, ?> yaml) {

        boolean isAlert() {
            return yaml.containsKey("alert");
        }

        String name() {
            return text(isAlert() ? "alert" : "record");
        }

        String expr() {
            return text("expr");
        }

        String annotation(String name) {
            return String.valueOf(map(yaml.get("annotations")).get(name));
        }

        String text(String key) {
            return String.valueOf(yaml.get(key));
        }
    }

    static List<Rule> rules() {
        return list(yaml(RULES).get("groups")).stream()
                .flatMap(group -> list(group.get("rules")).stream())
                .map(Rule::new)
                .toList();
    }

    static List<Rule> alerts() {
        return rules().stream().filter(Rule::isAlert).toList();
    }

    /** The dashboards, none of whose objects has a key twice. */
    static List<Dashboard> dashboards() {
        try (Stream<Path> files = Files.list(GRAFANA)) {
            List<Dashboard> dashboards = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(file -> new Dashboard(file.getFileName().toString(), json(read(file))))
                    .toList();
            assertThat(dashboards).isNotEmpty();
            return dashboards;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(String text) {
        return STRICT.readTree(text);
    }

    static Map<String, ?> yaml(Path file) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (InputStream in = Files.newInputStream(file)) {
            return map(new Yaml(new SafeConstructor(options)).load(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty one where there is none. */
    @SuppressWarnings("unchecked")
    static Map<String, ?> map(Object value) {
        return value == null ? Map.of() : (Map<String, ?>) value;
    }

    /** An empty one where there is none. */
    @SuppressWarnings("unchecked")
    static List<Map<String, ?>> list(Object value) {
        return value == null ? List.of() : (List<Map<String, ?>>) value;
    }
}
