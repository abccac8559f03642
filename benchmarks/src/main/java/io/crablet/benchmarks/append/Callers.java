package io.crablet.benchmarks.append;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Threads that each do one thing after the other, without a pause.
 *
 * @param count how many
 * @param threads of what kind
 */
record Callers(int count, Threads threads) {

    /** What callers do over and over. */
    interface Action {

        /**
         * Does it once.
         *
         * @param caller 0, 1, …
         * @return how much that was, in the unit that is counted
         */
        long act(int caller) throws Exception;
    }

    /**
     * What came of it.
     *
     * @param done in the unit that is counted
     * @param seconds from the first to the last
     * @param latencies of single actions in nanoseconds
     */
    record Burst(long done, double seconds, Histogram latencies) {

        double perSecond() {
            return done / seconds;
        }
    }

    private record Share(long done, Histogram latencies) {}

    /** Lets all of them act for some time, and until each has finished what it has begun. */
    Burst act(Action action, Duration time) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicLong end = new AtomicLong();
        List<FutureTask<Share>> shares = new ArrayList<>();
        ThreadFactory factory = threads.factory();
        for (int i = 0; i < count; i++) {
            int caller = i;
            FutureTask<Share> share = new FutureTask<>(() -> {
                start.await();
                return share(action, caller, end);
            });
            shares.add(share);
            factory.newThread(share).start();
        }
        long begin = System.nanoTime();
        end.set(begin + time.toNanos());
        start.countDown();
        long done = 0;
        Histogram latencies = histogram();
        List<Throwable> failures = new ArrayList<>();
        for (FutureTask<Share> share : shares) {
            try {
                Share finished = share.get();
                done += finished.done();
                latencies.add(finished.latencies());
            } catch (ExecutionException e) {
                failures.add(e.getCause());
            }
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(
                    failures.size() + " of " + count + " callers failed: " + failures.get(0), failures.get(0));
        }
        return new Burst(done, (System.nanoTime() - begin) / 1e9, latencies);
    }

    /** Whoever fails has the others end too. */
    private static Share share(Action action, int caller, AtomicLong end) throws Exception {
        Histogram latencies = histogram();
        long done = 0;
        try {
            for (long now = System.nanoTime(); now < end.get(); ) {
                done += action.act(caller);
                long then = now;
                now = System.nanoTime();
                latencies.recordValue(now - then);
            }
            return new Share(done, latencies);
        } catch (Exception | Error e) {
            end.set(Long.MIN_VALUE);
            throw e;
        }
    }

    /** Grows with what it is given; its values are exact to a thousandth. */
    static Histogram histogram() {
        return new Histogram(3);
    }
}
