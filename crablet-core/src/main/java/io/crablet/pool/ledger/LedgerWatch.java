package io.crablet.pool.ledger;

import io.crablet.pool.PoolCounts;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ledger's own thread: takes in what the garbage collector has found, and looks at all borrows every second. */
final class LedgerWatch implements Runnable {

    private static final Logger logger = LoggerFactory.getLogger(LedgerWatch.class);

    private static final long QUEUE_WAIT_MILLIS = 50;

    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often a garbage collection may be asked for at most. */
    private static final long COLLECTION_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Of the time at most a part goes into collections that were asked for: after one, none for so many times as long as it took. */
    private static final int COLLECTION_SHARE = 4;

    private final ConnectionLedger ledger;

    private final LendingPool pool;

    private final boolean mayCollect;

    private volatile @Nullable Thread thread;

    private long nextSweep = System.nanoTime();

    private long nextCollection = System.nanoTime();

    LedgerWatch(ConnectionLedger ledger, LendingPool pool, boolean mayCollect) {
        this.ledger = ledger;
        this.pool = pool;
        this.mayCollect = mayCollect;
    }

    void start() {
        Thread started = new Thread(this, "crablet-ledger-" + pool.name());
        started.setDaemon(true);
        // Not that of a web application which happens to start it: it could not be unloaded.
        started.setContextClassLoader(LedgerWatch.class.getClassLoader());
        thread = started;
        started.start();
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
        ReferenceQueue<Connection> unreachable = ledger.unreachable();
        while (thread == Thread.currentThread()) {
            try {
                Reference<? extends Connection> found = unreachable.remove(QUEUE_WAIT_MILLIS);
                if (found instanceof Borrow.Unreachable lost) {
                    ledger.lost(lost.borrow());
                } else {
                    collectIfExhausted();
                }
                sweepIfDue();
            } catch (InterruptedException e) {
                logger.debug("The ledger of pool {} has been stopped", pool.name());
                return;
            } catch (RuntimeException | Error e) {
                // Without this thread no leak would be noticed any more.
                logger.warn("The ledger of pool {} could not look at its borrows; trying again", pool.name(), e);
            }
        }
    }

    private void sweepIfDue() {
        long now = System.nanoTime();
        if (now - nextSweep >= 0) {
            nextSweep = now + SWEEP_NANOS;
            ledger.sweep(now);
        }
    }

    /** What callers wait for may lie unreachable in a heap that has no need of a collection. */
    private void collectIfExhausted() {
        long now = System.nanoTime();
        if (!mayCollect || now - nextCollection < 0) {
            return;
        }
        PoolCounts counts = pool.counts();
        if (counts.waiting() > 0 && counts.active() >= counts.max() && ledger.mayHoldLeaks(now)) {
            requestCollection();
            long end = System.nanoTime();
            nextCollection = end + Math.max(COLLECTION_PAUSE_NANOS, COLLECTION_SHARE * (end - now));
        }
    }

    /** A collection is what a leak costs here, and only while callers wait for it: there is no other way to find one. */
    private static void requestCollection() {
        System.gc();
    }
}
