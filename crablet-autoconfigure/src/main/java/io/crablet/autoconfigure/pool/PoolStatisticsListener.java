package io.crablet.autoconfigure.pool;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.pool.PoolStatistics;

/** Logs the pools' counters before and after each read of the event store. */
final class PoolStatisticsListener implements EventStoreListener {

    private final PoolStatistics statistics;

    PoolStatisticsListener(PoolStatistics statistics) {
        this.statistics = statistics;
    }

    @Override
    public void readStarted(Query query) {
        statistics.log("before read");
    }

    @Override
    public void readFinished(Query query) {
        statistics.log("after read");
    }
}
