package io.crablet.pool.ledger;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Lets a few events of each kind through in ten seconds, and counts those that it holds back. Thread-safe. */
final class Throttle {

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Beyond this many kinds, the others share one. */
    private static final int MAX_KINDS = 100;

    private static final String OTHER = "other";

    private final int burst;

    private final Map<String, Window> windows = new ConcurrentHashMap<>();

    /**
     * Has seen no event yet.
     *
     * @param burst how many of one kind may pass in a window
     */
    Throttle(int burst) {
        this.burst = burst;
    }

    /**
     * Asks for an event to pass.
     *
     * @return how many of its kind were held back since the last one that passed; empty if this one is held back
     */
    OptionalLong admit(String kind, long nanos) {
        String key = windows.size() < MAX_KINDS || windows.containsKey(kind) ? kind : OTHER;
        return windows.computeIfAbsent(key, first -> new Window(nanos)).admit(nanos, burst);
    }

    private static final class Window {

        private long begin;

        private int passed;

        private long heldBack;

        private Window(long begin) {
            this.begin = begin;
        }

        private synchronized OptionalLong admit(long nanos, int burst) {
            if (nanos - begin >= WINDOW_NANOS) {
                begin = nanos;
                passed = 0;
            }
            if (passed >= burst) {
                heldBack++;
                return OptionalLong.empty();
            }
            passed++;
            long before = heldBack;
            heldBack = 0;
            return OptionalLong.of(before);
        }
    }
}
