package io.crablet.pool.micrometer;

import java.util.concurrent.atomic.LongAdder;

/**
 * How often connections were borrowed for one operation, and for how long they were held: those that came back, and from the last
 * look also those that have not. Neither figure ever falls. Returning is for any thread, looking for one at a time.
 */
final class HeldTime {

    private final LongAdder returns = new LongAdder();

    private final LongAdder returnedNanos = new LongAdder();

    private long lookedCount;

    private long lookedNanos;

    private volatile long count;

    private volatile long nanos;

    void returned(long heldNanos) {
        returns.increment();
        returnedNanos.add(heldNanos);
    }

    /** Begins a look, before it is seen who holds connections: what comes back in between is missed this time, not counted twice. */
    void beginLook() {
        lookedCount = returns.sum();
        lookedNanos = returnedNanos.sum();
    }

    /** A connection has not come back yet. */
    void isHeld(long heldNanos) {
        lookedCount++;
        lookedNanos += heldNanos;
    }

    void endLook() {
        count = Math.max(count, lookedCount);
        nanos = Math.max(nanos, lookedNanos);
    }

    long count() {
        return count;
    }

    long nanos() {
        return nanos;
    }
}
