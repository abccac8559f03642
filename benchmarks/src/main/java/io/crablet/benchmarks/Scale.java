package io.crablet.benchmarks;

/** How much is measured. */
public enum Scale {

    /** What the documentation shows. */
    FULL,

    /** A look whether everything runs; the figures say nothing. */
    QUICK;

    /**
     * Chooses between two sizes.
     *
     * @param full the one of a full run
     * @param quick the one of a quick run
     * @param <T> of what type
     * @return the one for this scale
     */
    public <T> T of(T full, T quick) {
        return this == FULL ? full : quick;
    }
}
