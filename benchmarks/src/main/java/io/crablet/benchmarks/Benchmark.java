package io.crablet.benchmarks;

/** One question, answered by measuring Crablet and its baselines in turn. */
public interface Benchmark {

    /**
     * Returns its name, by which it is asked for.
     *
     * @return a word or two, with hyphens
     */
    String name();

    /**
     * Measures.
     *
     * @param run the server, the size and the report of this run
     * @throws Exception when something goes wrong, which ends the run
     */
    void measure(Run run) throws Exception;
}
