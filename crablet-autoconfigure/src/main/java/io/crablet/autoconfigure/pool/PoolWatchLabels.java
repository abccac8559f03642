package io.crablet.autoconfigure.pool;

import io.crablet.eventstore.BorrowLabels;
import io.crablet.pool.PoolWatch;

/** Names the event store's borrows for the pools' ledgers, unless the application has named what its thread is doing. */
final class PoolWatchLabels implements BorrowLabels {

    private static final Scope NAMED_ALREADY = () -> {};

    @Override
    public Scope open(String label) {
        return PoolWatch.currentOperation() == null ? PoolWatch.operation(label)::close : NAMED_ALREADY;
    }
}
