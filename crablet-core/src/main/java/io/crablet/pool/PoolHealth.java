package io.crablet.pool;

/**
 * What there is to say of a pool, found without borrowing from it.
 *
 * @param state what the rest means
 * @param outOfService whether it should get no new work at present: nobody has got a connection for longer than is tolerated,
 *     or it was suspended
 * @param message what is the matter, with the figures, and what to do next
 * @param counts the counters
 * @param database whether the database answers outside the pool
 */
public record PoolHealth(
        PoolState state, boolean outOfService, String message, PoolCounts counts, DatabaseAnswer database) {}
