package io.crablet.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * What was measured of one subject in one setting.
 *
 * @param benchmark the name of the benchmark
 * @param workload what was done, such as {@code conditional append}
 * @param subject who did it, such as {@code crablet} or a baseline
 * @param setting what else matters, such as the number of callers; in the order given
 * @param unit of the values, such as {@code events/s} or {@code ns}
 * @param values one for each repetition
 * @param percentiles of the times of single operations in microseconds, by name such as {@code p99}; may be empty
 */
public record Figure(
        String benchmark,
        String workload,
        String subject,
        Map<String, String> setting,
        String unit,
        List<Double> values,
        Map<String, Double> percentiles) {

    /**
     * Returns the median of the values.
     *
     * @return the middle one, or the mean of the two in the middle
     */
    @JsonProperty
    public double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
