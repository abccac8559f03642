package io.crablet.eventstore.postgres;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends work on the server whose time is up or whose thread was interrupted. A thread that waits for the database notices
 * neither by itself, so one daemon thread looks after all of them; it runs only while there is something to look after.
 */
final class QueryGuard {

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
        if (running == null) {
            start();
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
            if (thread == null) {
                Thread started = new Thread(this::look, "crablet-query-guard");
                started.setDaemon(true);
                thread = started;
                started.start();
            }
        }
    }

    private void look() {
        long emptySince = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            if (!watched.isEmpty()) {
                watched.forEach(work -> work.endIfDue(now));
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
        INTERRUPT
    }

    /** Work on the server that has a deadline. */
    abstract static class Watched {

        private static final long CANCEL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
        private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(3);

        private final long deadline;
        private volatile @Nullable Reason reason;
        private @Nullable Thread cancelling;
        private long endedAt;
        private long cancelledAt;
        private boolean cut;
        private boolean released;

        Watched(Duration limit) {
            this.deadline = System.nanoTime() + limit.toNanos();
        }

        /** Returns the thread whose interrupt ends the work; null while an interrupt has nothing to end. */
        abstract @Nullable Thread waitingThread();

        /** Asks the server to stop. In a thread of its own, as it opens a connection. */
        abstract void cancel();

        /** Cuts the connection, because the server has not heard. */
        abstract void cut();

        /** Returns why the work was ended; null if it was not. */
        final @Nullable Reason reason() {
            return reason;
        }

        private synchronized void endIfDue(long now) {
            if (released || cut) {
                return;
            }
            if (reason == null) {
                reason = reasonToEnd(now);
                if (reason != null) {
                    endedAt = now;
                    startCancel(now);
                }
            } else if (now - endedAt >= GIVE_UP_NANOS) {
                cut = true;
                cut();
            } else if (now - cancelledAt >= CANCEL_AGAIN_NANOS) {
                startCancel(now);
            }
        }

        private @Nullable Reason reasonToEnd(long now) {
            if (now - deadline >= 0) {
                return Reason.TIMEOUT;
            }
            Thread waiting = waitingThread();
            return waiting != null && waiting.isInterrupted() ? Reason.INTERRUPT : null;
        }

        private void startCancel(long now) {
            cancelledAt = now;
            if (cancelling == null || !cancelling.isAlive()) {
                Thread started = new Thread(this::cancel, "crablet-query-cancel");
                started.setDaemon(true);
                cancelling = started;
                started.start();
            }
        }

        /** A cancel that is under way must not hit what the connection does next, so this waits for its end. */
        private void released() {
            Thread running;
            synchronized (this) {
                released = true;
                running = cancelling;
            }
            if (running == null || running == Thread.currentThread()) {
                return;
            }
            boolean interrupted = Thread.interrupted();
            while (running.isAlive()) {
                try {
                    running.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
