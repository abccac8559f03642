package io.crablet.pool.ledger;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest few of something. Thread-safe. */
final class Recent<T> {

    private static final int MAX = 50;

    private final Deque<T> latest = new ArrayDeque<>();

    synchronized void add(T one) {
        latest.addFirst(one);
        if (latest.size() > MAX) {
            latest.removeLast();
        }
    }

    /** They, the latest first. */
    synchronized List<T> list() {
        return List.copyOf(latest);
    }
}
