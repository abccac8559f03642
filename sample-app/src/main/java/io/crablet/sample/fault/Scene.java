package io.crablet.sample.fault;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The time that a fault lasts, and where its threads wait for each other. */
final class Scene {

    private final long end;
    private final CountDownLatch ready;
    private final AtomicBoolean entered = new AtomicBoolean();

    Scene(Duration duration, int threads) {
        this.end = System.nanoTime() + duration.toNanos();
        this.ready = new CountDownLatch(threads);
    }

    /** Returns whether this thread is the first that asks. */
    boolean isFirst() {
        return entered.compareAndSet(false, true);
    }

    /** Waits until every thread has come this far, or the time is over. */
    void awaitTheOthers() throws InterruptedException {
        ready.countDown();
        ready.await(remaining().toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits until the time is over. */
    void awaitEnd() throws InterruptedException {
        pause(remaining());
    }

    /** Waits for a while, whether or not the time is over before. */
    void pause(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    /** Returns whether there is time left. */
    boolean goesOn() {
        return !remaining().isNegative();
    }

    /** Returns how much time is left; negative when it is over. */
    Duration remaining() {
        return Duration.ofNanos(end - System.nanoTime());
    }
}
