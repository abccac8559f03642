package io.crablet.pool;

/**
 * A pool's counters at one moment. They are read one after the other while the pool works, so they need not add up.
 *
 * @param total connections that are open
 * @param idle open connections nobody uses
 * @param active open connections that callers hold
 * @param waiting callers that wait for a connection
 * @param max connections the pool may open
 */
public record PoolCounts(int total, int idle, int active, int waiting, int max) {

    /** Whether every connection the pool may open is in use. */
    boolean allActive() {
        return active >= max;
    }

    /** Whether callers wait and there is nothing to give them. */
    boolean starved() {
        return waiting > 0 && idle == 0;
    }

    /** How many of the connections the pool may open are in use, in percent. */
    int percentActive() {
        return max == 0 ? 0 : (int) (100L * active / max);
    }

    /** Returns the figures as {@code total=… idle=… active=… waiting=… max=…}. */
    @Override
    public String toString() {
        return "total=%d idle=%d active=%d waiting=%d max=%d".formatted(total, idle, active, waiting, max);
    }
}
