package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger's own thread: takes in what the garbage collector has found, and has all borrows looked at every second. */
final class LedgerWatch implements Runnable {

    private static final Logger logger = LoggerFactory.getLogger(LedgerWatch.class);

    private static final long QUEUE_WAIT_MILLIS = 50;

    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReferenceQueue<Connection> unreachable;

    private final Consumer<Borrow> lost;

    private final LongConsumer sweep;

    private final CollectionRequests collections;

    /** It asks the pool often: a pool that cannot answer must neither fill the log nor keep the ledger from its sweeps. */
    private final Guard asking;

    private final String pool;

    private volatile @Nullable Thread thread;

    private long nextSweep = System.nanoTime();

    /**
     * Makes the watch, which does not run yet.
     *
     * @param pool the pool's name
     * @param unreachable where the garbage collector puts what it has found
     * @param lost is told of each
     * @param sweep looks at all borrows, at a moment in nanoseconds
     * @param collections asks for garbage collections
     */
    LedgerWatch(
            String pool,
            ReferenceQueue<Connection> unreachable,
            Consumer<Borrow> lost,
            LongConsumer sweep,
            CollectionRequests collections) {
        this.pool = pool;
        this.unreachable = unreachable;
        this.lost = lost;
        this.sweep = sweep;
        this.collections = collections;
        this.asking = new Guard(collections);
    }

    void start() {
        Thread started = thread(this, "crablet-ledger-" + pool);
        thread = started;
        started.start();
    }

    static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        // Not that of a web application which happens to start it: it could not be unloaded.
        thread.setContextClassLoader(LedgerWatch.class.getClassLoader());
        return thread;
    }

    void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
        }
    }

    @Override
    public void run() {
        while (thread == Thread.currentThread()) {
            try {
                Reference<? extends Connection> found = unreachable.remove(QUEUE_WAIT_MILLIS);
                if (found instanceof Borrow.Unreachable given) {
                    lost.accept(given.borrow());
                } else {
                    asking.tell(collections::askIfNeeded);
                }
                sweepIfDue();
            } catch (InterruptedException e) {
                logger.debug("The ledger of pool {} has been stopped", pool);
                return;
            } catch (RuntimeException | Error e) {
                // Without this thread no leak would be noticed any more.
                logger.warn("The ledger of pool {} could not look at its borrows; trying again", pool, e);
            }
        }
    }

    private void sweepIfDue() {
        long now = System.nanoTime();
        if (now - nextSweep >= 0) {
            nextSweep = now + SWEEP_NANOS;
            sweep.accept(now);
        }
    }
}
