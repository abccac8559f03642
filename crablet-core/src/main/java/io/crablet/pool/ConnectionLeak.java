package io.crablet.pool;

import java.time.Instant;

/**
 * A connection that the program had forgotten, or held for too long, and that was taken back.
 *
 * @param at when it was taken back
 * @param connection what was known of it then
 * @param outcome what was done with it
 */
public record ConnectionLeak(Instant at, BorrowedConnection connection, Outcome outcome) {

    /** What was done with a connection that was taken back. */
    public enum Outcome {

        /** Rolled back, and in the pool again. */
        RETURNED,

        /** Closed, and its slot in the pool is free: its session was no longer as the pool had lent it. */
        EVICTED
    }
}
