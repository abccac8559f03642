package io.crablet.benchmarks;

import java.util.Map;

/**
 * What is to be reached, as a ratio of two medians in one run or as a median itself.
 *
 * @param benchmark the name of the benchmark
 * @param goal in words, such as {@code 64 callers: at least 5 times the SERIALIZABLE baseline}
 * @param value what was reached
 * @param limit what had to be
 * @param atLeast whether {@code limit} is the least, otherwise the most
 * @param setting what else matters; may be empty
 */
public record Target(
        String benchmark, String goal, double value, double limit, boolean atLeast, Map<String, String> setting) {

    /**
     * Returns whether it was reached.
     *
     * @return whether it was
     */
    public boolean isReached() {
        return atLeast ? value >= limit : value <= limit;
    }
}
