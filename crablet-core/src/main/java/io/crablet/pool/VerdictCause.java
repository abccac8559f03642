package io.crablet.pool;

import java.util.Locale;

/** Why a connection has not come back, or why a pool has none left. */
public enum VerdictCause {

    /** Nobody can return it any more. */
    FORGOTTEN,

    /** Its thread waits for another connection of the same pool, or has got one, while it holds this one. */
    SECOND_CONNECTION,

    /** The thread that borrowed it has ended without returning it. */
    THREAD_ENDED,

    /** Its statement waits for a lock. */
    WAITING_FOR_LOCK,

    /** Its statement has run for long. */
    SLOW_QUERY,

    /** A result set is open and nobody reads it. */
    STREAM_LEFT_OPEN,

    /** Its transaction is open and nobody works in it. */
    IDLE_IN_TRANSACTION,

    /** It is in use, or has only just been borrowed. */
    IN_USE,

    /** Of a whole pool: its connections come and go as they should, and callers want more of them. */
    TOO_MUCH_LOAD,

    /** The evidence does not say. */
    UNKNOWN;

    /**
     * Returns the cause as JSON and logs show it.
     *
     * @return the name in lower case, with hyphens
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
