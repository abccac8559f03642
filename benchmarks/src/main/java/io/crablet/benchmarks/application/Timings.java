package io.crablet.benchmarks.application;

import io.crablet.benchmarks.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How long single operations took, in several rounds. */
final class Timings {

    private static final int DIGITS = 3;

    private final Histogram all = new Histogram(DIGITS);

    private final List<Double> medians = new ArrayList<>();

    /** Something that is measured. */
    @FunctionalInterface
    interface Operation {

        /**
         * Does it once.
         *
         * @return how long it took, in nanoseconds
         */
        long nanos() throws Exception;
    }

    /** Measures a round. */
    void measure(int times, Operation operation) throws Exception {
        Histogram round = new Histogram(DIGITS);
        for (int i = 0; i < times; i++) {
            round.recordValue(operation.nanos());
        }
        all.add(round);
        medians.add(micros(round.getValueAtPercentile(50)));
    }

    /** The longest but 1 %, in milliseconds. */
    double p99Millis() {
        return micros(all.getValueAtPercentile(99)) / TimeUnit.MILLISECONDS.toMicros(1);
    }

    /** The median of each round, and the percentiles of all. */
    Figure figure(String benchmark, String workload, String subject, Map<String, String> setting) {
        Map<String, String> settings = new LinkedHashMap<>(setting);
        settings.put("times", Long.toString(all.getTotalCount()));
        Map<String, Double> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", micros(all.getValueAtPercentile(50)));
        percentiles.put("p99", micros(all.getValueAtPercentile(99)));
        percentiles.put("max", micros(all.getMaxValue()));
        return new Figure(benchmark, workload, subject, settings, "µs", List.copyOf(medians), percentiles);
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }
}
