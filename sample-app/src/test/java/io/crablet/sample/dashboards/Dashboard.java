package io.crablet.sample.dashboards;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** A dashboard of Grafana. */
record Dashboard(String file, JsonNode json) {

    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");

    /** A query for series, and what their legend shows. */
    record Query(String where, String expr, String legend) {}

    /** A query for the values of a variable: those of a label of some series. */
    record Values(String variable, String selector, String label) {}

    List<JsonNode> panels() {
        return stream(json.get("panels")).toList();
    }

    /** Those that show something, and are no headings. */
    List<JsonNode> charts() {
        return panels().stream()
                .filter(panel -> !panel.get("type").asString().equals("row"))
                .toList();
    }

    List<JsonNode> variables() {
        return stream(json.at("/templating/list")).toList();
    }

    List<Query> queries() {
        Stream<Query> ofCharts = charts().stream()
                .flatMap(panel -> stream(panel.get("targets"))
                        .map(target -> new Query(
                                file + ": " + panel.get("title").asString() + ", "
                                        + target.get("refId").asString(),
                                target.get("expr").asString(),
                                target.get("legendFormat").asString())));
        Stream<Query> ofAnnotations = stream(json.at("/annotations/list"))
                .filter(annotation -> annotation.has("expr"))
                .map(annotation -> new Query(
                        file + ": " + annotation.get("name").asString(),
                        annotation.get("expr").asString(),
                        annotation.get("titleFormat").asString()));
        return Stream.concat(ofCharts, ofAnnotations).toList();
    }

    List<Values> values() {
        return variables().stream()
                .filter(variable -> variable.get("type").asString().equals("query"))
                .map(variable -> {
                    var query = LABEL_VALUES.matcher(variable.at("/query/query").asString());
                    if (!query.matches()) {
                        throw new AssertionError(file + ": not understood: " + variable.get("query"));
                    }
                    return new Values(variable.get("name").asString(), query.group(1), query.group(2));
                })
                .toList();
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
