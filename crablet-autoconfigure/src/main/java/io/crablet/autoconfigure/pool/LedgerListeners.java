package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.LedgerListener;

/** Wants to be told of what the ledgers of pools see. */
@FunctionalInterface
interface LedgerListeners {

    /** The listener of a pool. */
    LedgerListener of(String pool);
}
