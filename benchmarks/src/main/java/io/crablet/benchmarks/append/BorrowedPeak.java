package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections that are borrowed from a pool at one time, with nothing left out as in samples. */
final class BorrowedPeak implements IMetricsTracker {

    private final AtomicInteger borrowed = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();

    static BorrowedPeak of(HikariDataSource pool) {
        BorrowedPeak peak = new BorrowedPeak();
        peak.watch(pool);
        return peak;
    }

    /** Counts the connections of this pool too. */
    void watch(HikariDataSource pool) {
        pool.setMetricsTrackerFactory((name, statistics) -> this);
    }

    /** Returns the most since the last call. */
    int reset() {
        return peak.getAndSet(borrowed.get());
    }

    @Override
    public void recordConnectionAcquiredNanos(long nanoseconds) {
        peak.accumulateAndGet(borrowed.incrementAndGet(), Math::max);
    }

    @Override
    public void recordConnectionUsageMillis(long milliseconds) {
        borrowed.decrementAndGet();
    }
}
