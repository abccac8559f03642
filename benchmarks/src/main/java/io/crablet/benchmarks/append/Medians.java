package io.crablet.benchmarks.append;

import java.util.List;
import java.util.stream.IntStream;

/** Medians of rounds. */
final class Medians {

    private Medians() {}

    static double of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Returns the median of the ratios of each round: what disturbs a round disturbs both. */
    static double ofRatios(List<Double> values, List<Double> others) {
        return of(IntStream.range(0, values.size())
                .mapToObj(round -> values.get(round) / others.get(round))
                .toList());
    }
}
