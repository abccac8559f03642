package io.crablet.pool.ledger;

import java.util.concurrent.TimeUnit;

/**
 * The garbage collections that the ledgers of a JVM have asked for. A collection is for all of them, and stops all: they share a
 * limit. Thread-safe.
 */
final class GarbageCollections {

    /** One for each JVM, as there is one heap. */
    static final GarbageCollections OF_JVM = new GarbageCollections();

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Of the time at most a part goes into collections that were asked for: after one, none for so many times as long as it took. */
    private static final int COLLECTION_SHARE = 4;

    private long startNanos = System.nanoTime();

    private long nextNanos = startNanos;

    /** When the latest began; what was not used after that was reachable then, or has been found. */
    synchronized long latestNanos() {
        return startNanos;
    }

    /**
     * Asks for one, unless that would be too many.
     *
     * @return whether there was one
     */
    synchronized boolean request() {
        long start = System.nanoTime();
        if (start - nextNanos < 0) {
            return false;
        }
        startNanos = start;
        collect();
        long end = System.nanoTime();
        nextNanos = end + Math.max(SHORTEST_PAUSE_NANOS, COLLECTION_SHARE * (end - start));
        return true;
    }

    /** A collection is what a leak costs here, and only while callers wait for it: there is no other way to find one. */
    private static void collect() {
        System.gc();
    }
}
