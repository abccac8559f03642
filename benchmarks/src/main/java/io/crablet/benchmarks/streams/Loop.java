package io.crablet.benchmarks.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Does the same thing again and again, with several callers, for some time. */
final class Loop {

    private static final int DIGITS = 3;

    private Loop() {}

    interface Step {
        void run() throws Exception;
    }

    /**
     * What came of it.
     *
     * @param perSecond of all callers
     * @param nanos of each time
     */
    record Outcome(double perSecond, Histogram nanos) {}

    static Outcome run(int callers, Duration time, Step step) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            long start = System.nanoTime();
            List<Future<Histogram>> running = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                running.add(threads.submit(() -> repeat(start + time.toNanos(), step)));
            }
            Histogram all = new Histogram(DIGITS);
            for (Future<Histogram> one : running) {
                all.add(one.get());
            }
            double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
            return new Outcome(all.getTotalCount() / seconds, all);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Histogram repeat(long end, Step step) throws Exception {
        Histogram nanos = new Histogram(DIGITS);
        long now = System.nanoTime();
        while (now < end) {
            step.run();
            long after = System.nanoTime();
            nanos.recordValue(after - now);
            now = after;
        }
        return nanos;
    }
}
