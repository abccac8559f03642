package io.crablet.pool;

import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool, and what is known of its connections and of the database behind it.
 *
 * @param gauge reads the pool
 * @param database gives the last answer of the database at once, without asking it
 * @param ownAddress whether the database is asked at another address than the pool's: that one may fail while the pool works
 * @param ledger tells who holds the pool's connections
 * @param server tells servers apart, for example host, port and database: of pools with the same one, one's connections may block another's;
 *     null if it is not known
 */
public record WatchedPool(
        PoolGauge gauge,
        Supplier<DatabaseAnswer> database,
        boolean ownAddress,
        Supplier<LedgerSnapshot> ledger,
        @Nullable String server) {

    /**
     * A pool whose database is not asked outside the pool, and that has no ledger.
     *
     * @param gauge reads the pool
     */
    public WatchedPool(PoolGauge gauge) {
        this(gauge, DatabaseAnswer.NotAsked::new, false);
    }

    /**
     * A pool that has no ledger.
     *
     * @param gauge reads the pool
     * @param database gives the last answer of the database
     * @param ownAddress whether the database is asked at another address
     */
    public WatchedPool(PoolGauge gauge, Supplier<DatabaseAnswer> database, boolean ownAddress) {
        this(gauge, database, ownAddress, () -> LedgerSnapshot.empty(Instant.now()));
    }

    /**
     * A pool of which it is not known whether others use the same server.
     *
     * @param gauge reads the pool
     * @param database gives the last answer of the database
     * @param ownAddress whether the database is asked at another address
     * @param ledger tells who holds the pool's connections
     */
    public WatchedPool(
            PoolGauge gauge, Supplier<DatabaseAnswer> database, boolean ownAddress, Supplier<LedgerSnapshot> ledger) {
        this(gauge, database, ownAddress, ledger, null);
    }
}
