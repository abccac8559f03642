package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/** Garbage collections that have happened when the call returns. */
final class Collector {

    private Collector() {}

    /** Collects, and waits until the references to what was unreachable before have been enqueued. */
    static void collect() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> probe = new WeakReference<>(new Object(), queue);
        System.gc();
        try {
            if (queue.remove(5_000) == null) {
                throw new AssertionError("No garbage collection has happened");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Reference.reachabilityFence(probe);
    }
}
