package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolGauge;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.postgres.DatabaseProbe;
import org.jspecify.annotations.Nullable;

/**
 * A pool, and all there is to look at it and to steer it.
 *
 * @param source the pool
 * @param gauge reads it
 * @param probe asks its database
 */
record OperatedPool(HikariDataSource source, PoolGauge gauge, DatabaseProbe probe) {

    String name() {
        return gauge.name();
    }

    PoolCounts counts() {
        return gauge.counts();
    }

    /** Its ledger; null while the watch is switched off. */
    @Nullable
    ConnectionLedger ledger() {
        return Unwrapping.ledger(source);
    }
}
