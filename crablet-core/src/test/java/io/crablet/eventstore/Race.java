package io.crablet.eventstore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Threads that begin at the same moment. */
public final class Race {

    private static final int LONGEST_SECONDS = 120;

    private Race() {}

    /** Runs all of them at once and returns what they returned, in the order given. */
    public static <T> List<T> run(List<Callable<T>> runners) {
        CyclicBarrier start = new CyclicBarrier(runners.size());
        ExecutorService executor = Executors.newFixedThreadPool(runners.size());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> runner : runners) {
                futures.add(executor.submit(() -> {
                    start.await();
                    return runner.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(LONGEST_SECONDS, TimeUnit.SECONDS));
            }
            return results;
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the race did not end", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a runner failed", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }
}
