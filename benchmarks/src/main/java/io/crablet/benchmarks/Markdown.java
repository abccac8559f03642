package io.crablet.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes results as tables in Markdown. */
final class Markdown {

    private Markdown() {}

    /** Returns the whole of the results. */
    static String of(Results results) {
        StringBuilder page = new StringBuilder("# Results\n\n")
                .append(environment(results.environment()))
                .append("\n## Targets\n\n")
                .append(targets(results));
        for (String benchmark : results.benchmarks().keySet()) {
            page.append("\n## ").append(benchmark).append("\n\n").append(benchmark(results, benchmark));
        }
        return page.toString();
    }

    /** Returns where the run took place. */
    static String environment(Environment environment) {
        String text = """
                | | |
                |---|---|
                | date | %s |
                | machine | %s |
                | versions | %s |
                | PostgreSQL's settings | %s |
                """.formatted(
                        environment.date(),
                        list(environment.machine()),
                        list(environment.versions()),
                        list(environment.postgres()));
        return environment.scale() == Scale.FULL
                ? text
                : text + "\nA quick run, to see whether everything works: the figures say nothing.\n";
    }

    /** Returns what was to be reached, and what went wrong. */
    static String targets(Results results) {
        StringBuilder text = new StringBuilder("""
                | benchmark | target | setting | limit | reached | |
                |---|---|---|---:|---:|---|
                """);
        for (Target target : results.targets()) {
            text.append("| %s | %s | %s | %s %s | %s | %s |\n"
                    .formatted(
                            target.benchmark(),
                            target.goal(),
                            list(target.setting()),
                            target.atLeast() ? "≥" : "≤",
                            Numbers.format(target.limit()),
                            Numbers.format(target.value()),
                            target.isReached() ? "reached" : "**MISSED**"));
        }
        for (Failure failure : results.failures()) {
            text.append("\nThe benchmark `%s` went wrong, its figures are not complete: %s\n"
                    .formatted(failure.benchmark(), failure.reason()));
        }
        return text.toString();
    }

    /** Returns a table for each workload of a benchmark. */
    static String benchmark(Results results, String benchmark) {
        Map<String, List<Figure>> byWorkload = results.figuresOf(benchmark).stream()
                .collect(Collectors.groupingBy(Figure::workload, LinkedHashMap::new, Collectors.toUnmodifiableList()));
        return byWorkload.entrySet().stream()
                .map(entry -> "**" + entry.getKey() + "**\n\n" + new FigureTable(results, entry.getValue()).text())
                .collect(Collectors.joining("\n"));
    }

    private static String list(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
