package io.crablet.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that a run has to say, as it stands in {@code results.json}.
 *
 * @param environment where it ran
 * @param benchmarks the names of those that ran, in their order, each with the subjects that others are compared with
 * @param figures what was measured
 * @param targets what was to be reached
 * @param failures what went wrong
 */
record Results(
        Environment environment,
        Map<String, List<String>> benchmarks,
        List<Figure> figures,
        List<Target> targets,
        List<Failure> failures) {

    /** Returns the figures of a benchmark. */
    List<Figure> figuresOf(String benchmark) {
        return figures.stream()
                .filter(figure -> figure.benchmark().equals(benchmark))
                .toList();
    }

    /** Returns the figures that a figure can be compared with: they differ from it in the subject alone. */
    private Stream<Figure> beside(Figure figure) {
        return figures.stream()
                .filter(other -> other.benchmark().equals(figure.benchmark())
                        && other.workload().equals(figure.workload())
                        && other.unit().equals(figure.unit())
                        && other.setting().equals(figure.setting()));
    }

    /** Returns the first of the benchmark's baselines that was measured beside a figure; null if there is none. */
    @Nullable
    Figure baselineOf(Figure figure) {
        return benchmarks.getOrDefault(figure.benchmark(), List.of()).stream()
                .flatMap(subject ->
                        beside(figure).filter(other -> other.subject().equals(subject)))
                .findFirst()
                .orElse(null);
    }
}
