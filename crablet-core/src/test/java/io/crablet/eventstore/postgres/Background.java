package io.crablet.eventstore.postgres;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Something that runs in a thread of its own while the test goes on. */
final class Background<T> {

    private static final int LONGEST_SECONDS = 30;

    private final FutureTask<T> task;
    private final Thread thread;

    private Background(ThreadFactory threads, Callable<T> callable) {
        this.task = new FutureTask<>(callable);
        this.thread = threads.newThread(task);
        this.thread.start();
    }

    static <T> Background<T> start(Callable<T> callable) {
        return start(Thread::new, callable);
    }

    static <T> Background<T> start(ThreadFactory threads, Callable<T> callable) {
        return new Background<>(threads, callable);
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Waits for the end and returns what was returned. */
    T result() {
        try {
            return task.get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("it did not end", e);
        } catch (ExecutionException e) {
            throw new AssertionError("it failed", e.getCause());
        }
    }

    /** Waits for the end and returns what was thrown, null if nothing was. */
    @Nullable
    Throwable failure() {
        try {
            task.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            return null;
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("it did not end", e);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }
}
