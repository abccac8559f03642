package io.crablet.benchmarks;

import java.util.List;

/** One question, answered by measuring Crablet and its baselines in turn. */
public interface Benchmark {

    /**
     * Returns its name, by which it is asked for.
     *
     * @return a word or two, with hyphens
     */
    String name();

    /**
     * Returns the subjects that the others are compared with: in each table it is the first of these that was measured in the
     * same workload and setting.
     *
     * @return their names; none if there is nothing to compare with
     */
    default List<String> baselines() {
        return List.of();
    }

    /**
     * Returns whether it only runs when it is asked for by name, and not with all others.
     *
     * @return false, unless it takes too long for that
     */
    default boolean isAskedForOnly() {
        return false;
    }

    /**
     * Measures.
     *
     * @param run the server, the size and the report of this run
     * @throws Exception when something goes wrong; the run goes on with the next benchmark
     */
    void measure(Run run) throws Exception;
}
