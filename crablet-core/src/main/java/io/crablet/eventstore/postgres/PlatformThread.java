package io.crablet.eventstore.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the database for a virtual thread. The interrupt of a virtual thread that reads from a socket closes the socket, and
 * then nobody in its batch could know what has become of it. One daemon thread, which ends when it has nothing to do.
 */
final class PlatformThread {

    private static final @Nullable Method IS_VIRTUAL = isVirtual();

    private final ThreadPoolExecutor executor;

    PlatformThread() {
        executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(null, task, "crablet-append", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(PlatformThread.class.getClassLoader());
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    interface Call<T> {
        T call() throws SQLException;
    }

    /** Returns whether the current thread is a virtual one. */
    static boolean isNeeded() {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invoke(Thread.currentThread());
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Thread.isVirtual is public and throws nothing", e);
        }
    }

    /**
     * Runs a call and waits for its end, whatever interrupts the current thread meanwhile.
     *
     * @param interrupted told of an interrupt, of which the thread itself knows again at the end
     */
    <T> T run(Call<T> call, Runnable interrupted) throws SQLException {
        FutureTask<T> task = new FutureTask<>(call::call);
        executor.execute(task);
        return result(task, interrupted);
    }

    private static <T> T result(Future<T> task, Runnable interrupted) throws SQLException {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    wasInterrupted = true;
                    interrupted.run();
                } catch (OutOfMemoryError e) {
                    // Of waiting, not of the call. That goes on, so this must not end before.
                    Thread.yield();
                }
            }
        } catch (ExecutionException e) {
            throw cause(e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static SQLException cause(ExecutionException e) {
        if (e.getCause() instanceof SQLException cause) {
            return cause;
        }
        if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
        }
        if (e.getCause() instanceof Error cause) {
            throw cause;
        }
        throw new IllegalStateException("nothing else is thrown", e);
    }

    private static @Nullable Method isVirtual() {
        try {
            return Thread.class.getMethod("isVirtual");
        } catch (NoSuchMethodException e) {
            // Before JDK 21 there are none.
            return null;
        }
    }
}
