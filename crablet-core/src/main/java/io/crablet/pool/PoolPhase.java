package io.crablet.pool;

/** Where a pool is in its life. */
public enum PoolPhase {

    /** It opens when the first connection is borrowed. */
    NOT_STARTED,

    /** It lends connections. */
    RUNNING,

    /** Somebody has suspended it: callers wait until it is resumed. */
    SUSPENDED,

    /** It will not lend again. */
    CLOSED
}
