package io.crablet.benchmarks.append;

import io.crablet.benchmarks.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The bursts of one subject in one setting, one for each round. */
final class Bursts {

    private final List<Callers.Burst> rounds = new ArrayList<>();

    void add(Callers.Burst burst) {
        rounds.add(burst);
    }

    /** Returns how much was done each second, with percentiles of the single actions of all rounds. */
    Figure rate(String benchmark, String workload, String subject, Map<String, String> setting, String unit) {
        Histogram all = Callers.histogram();
        rounds.forEach(round -> all.add(round.latencies()));
        Map<String, Double> percentiles = new LinkedHashMap<>();
        for (String percentile : List.of("50", "99", "99.9")) {
            percentiles.put("p" + percentile, all.getValueAtPercentile(Double.parseDouble(percentile)) / 1_000.0);
        }
        return new Figure(benchmark, workload, subject, setting, unit, rates(), percentiles);
    }

    List<Double> rates() {
        return values(Callers.Burst::perSecond);
    }

    /** Returns the median time of an action in nanoseconds, for each round. */
    List<Double> medianLatencies() {
        return values(burst -> burst.latencies().getValueAtPercentile(50));
    }

    private List<Double> values(ToDoubleFunction<Callers.Burst> value) {
        return rounds.stream().map(value::applyAsDouble).toList();
    }
}
