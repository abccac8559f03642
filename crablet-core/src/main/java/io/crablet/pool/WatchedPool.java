package io.crablet.pool;

import java.util.function.Supplier;

/**
 * A pool, and what is known of the database behind it.
 *
 * @param gauge reads the pool
 * @param database gives the last answer of the database at once, without asking it
 * @param ownAddress whether the database is asked at another address than the pool's: that one may fail while the pool works
 */
public record WatchedPool(PoolGauge gauge, Supplier<DatabaseAnswer> database, boolean ownAddress) {

    /**
     * A pool whose database is not asked outside the pool.
     *
     * @param gauge reads the pool
     */
    public WatchedPool(PoolGauge gauge) {
        this(gauge, DatabaseAnswer.NotAsked::new, false);
    }
}
