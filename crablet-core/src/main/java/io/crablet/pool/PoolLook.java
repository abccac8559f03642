package io.crablet.pool;

import org.jspecify.annotations.Nullable;

/**
 * One look at a pool: everything in it is of the same moment.
 *
 * @param health how the pool is
 * @param ledger who holds its connections
 * @param server the server's sessions, as they were seen before the ledger; null if they cannot be seen
 * @param verdicts judges the connections of the ledger
 * @param rates what was measured in the last minute, at most
 */
public record PoolLook(
        PoolHealth health,
        LedgerSnapshot ledger,
        @Nullable ServerSnapshot server,
        Verdicts verdicts,
        PoolRates rates) {}
