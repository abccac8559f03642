package io.crablet.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** A table of figures of one workload, with a column for each setting and each percentile. */
final class FigureTable {

    private final Results results;
    private final List<Figure> figures;

    FigureTable(Results results, List<Figure> figures) {
        this.results = results;
        this.figures = figures;
    }

    String text() {
        List<String> settings = keys(figure -> figure.setting().keySet());
        List<String> percentiles = keys(figure -> figure.percentiles().keySet());
        boolean isCompared = figures.stream().map(results::baselineOf).anyMatch(Objects::nonNull);

        List<String> head = new ArrayList<>(settings);
        head.addAll(List.of("subject", "median", "unit", "lowest to highest"));
        percentiles.forEach(name -> head.add(name + " (µs)"));
        if (isCompared) {
            head.add("ratio");
        }
        List<String> lines = new ArrayList<>();
        lines.add(row(head));
        lines.add(row(head.stream().map(name -> isText(name) ? "---" : "---:").toList()));
        for (Figure figure : figures) {
            List<String> cells = new ArrayList<>();
            settings.forEach(name -> cells.add(figure.setting().getOrDefault(name, "")));
            cells.addAll(
                    List.of(figure.subject(), Numbers.format(figure.median()), figure.unit(), range(figure.values())));
            percentiles.forEach(
                    name -> cells.add(Stream.ofNullable(figure.percentiles().get(name))
                            .map(Numbers::format)
                            .findFirst()
                            .orElse("")));
            if (isCompared) {
                cells.add(ratio(figure));
            }
            lines.add(row(cells));
        }
        return String.join("\n", lines) + "\n";
    }

    private static boolean isText(String column) {
        return column.equals("subject") || column.equals("unit");
    }

    private List<String> keys(Function<Figure, Collection<String>> names) {
        return figures.stream()
                .flatMap(figure -> names.apply(figure).stream())
                .distinct()
                .toList();
    }

    private static String range(List<Double> values) {
        return values.size() < 2
                ? ""
                : Numbers.format(Collections.min(values)) + " to " + Numbers.format(Collections.max(values));
    }

    private String ratio(Figure figure) {
        Figure baseline = results.baselineOf(figure);
        if (baseline == null) {
            return "";
        }
        return baseline == figure
                ? "baseline"
                : Numbers.format(figure.median() / baseline.median()) + " × " + baseline.subject();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
