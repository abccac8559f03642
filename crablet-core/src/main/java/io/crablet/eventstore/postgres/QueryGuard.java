package io.crablet.eventstore.postgres;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends work on the server whose time is up, whose thread was interrupted, or whose consumer is gone. A thread that waits for the
 * database notices none of them by itself, so one daemon thread looks after all of them; it runs only while there is something to look after.
 */
final class QueryGuard {

    private static final Logger logger = LoggerFactory.getLogger(QueryGuard.class);

    /** How soon an interrupt or a deadline is noticed. */
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long STAY_IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final Object startAndStop = new Object();
    private volatile @Nullable Thread thread;
    private volatile boolean idle;

    /** Begins to look after some work, until {@link #release}. */
    void watch(Watched work) {
        watched.add(work);
        Thread running = thread;
        if (running == null || !running.isAlive()) {
            try {
                start();
            } catch (Throwable e) {
                watched.remove(work);
                throw e;
            }
        } else if (idle) {
            LockSupport.unpark(running);
        }
    }

    /** Stops looking after some work. Afterwards nothing of it is cancelled any more. */
    void release(Watched work) {
        watched.remove(work);
        work.released();
    }

    private void start() {
        synchronized (startAndStop) {
            // One that has died, for want of memory, is replaced.
            if (thread == null || !thread.isAlive()) {
                Thread started = new Thread(null, this::look, "crablet-query-guard", 0, false);
                started.setDaemon(true);
                // Not that of a web application which happens to call first: it could not be unloaded.
                started.setContextClassLoader(QueryGuard.class.getClassLoader());
                started.start();
                thread = started;
            }
        }
    }

    private void look() {
        long emptySince = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            if (!watched.isEmpty()) {
                watched.removeIf(work -> endIfDue(work, now));
                emptySince = now;
                LockSupport.parkNanos(this, LOOK_EVERY_NANOS);
            } else if (now - emptySince < STAY_IDLE_NANOS) {
                idle = true;
                // Asked again after the flag is up: who came in between has not woken this thread.
                if (watched.isEmpty()) {
                    LockSupport.parkNanos(this, STAY_IDLE_NANOS);
                }
                idle = false;
            } else if (stop()) {
                return;
            }
        }
    }

    /** What goes wrong with one is tried again at the next look, and must not leave the others unguarded. */
    private static boolean endIfDue(Watched work, long now) {
        try {
            return work.endIfDue(now);
        } catch (Throwable e) {
            logger.warn("A query that is due could not be ended yet", e);
            return false;
        }
    }

    private boolean stop() {
        synchronized (startAndStop) {
            thread = null;
            if (watched.isEmpty()) {
                return true;
            }
            thread = Thread.currentThread();
            return false;
        }
    }

    /** Why work was ended. */
    enum Reason {
        TIMEOUT,
        INTERRUPT,

        /** The program can ask for the result no more. */
        FORGOTTEN
    }
}
