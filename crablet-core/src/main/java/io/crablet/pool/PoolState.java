package io.crablet.pool;

import java.util.Locale;

/** What a pool's counters, its ledger and the database's last answer mean, from best to worst. */
public enum PoolState {

    /** Whoever asks gets a connection. */
    HEALTHY,

    /** It works, with little room left. */
    BUSY,

    /** It works, but loses connections: some are forgotten, or have been taken back within the last minute. */
    LEAKING,

    /** No connection is left for the next caller. */
    EXHAUSTED,

    /** The database does not answer, or the pool is closed. */
    UNREACHABLE;

    /**
     * Returns the state as health details and logs show it.
     *
     * @return the name in lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
