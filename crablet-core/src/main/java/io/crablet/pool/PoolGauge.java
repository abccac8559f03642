package io.crablet.pool;

/** Reads a pool from outside: never borrows, never blocks, safe for use by several threads. */
public interface PoolGauge {

    /**
     * The pool's name in logs.
     *
     * @return the name
     */
    String name();

    /**
     * Where the pool is in its life.
     *
     * @return the phase
     */
    PoolPhase phase();

    /**
     * The pool's counters.
     *
     * @return the counters now; none open, idle, active or waiting unless the pool has started
     */
    PoolCounts counts();
}
