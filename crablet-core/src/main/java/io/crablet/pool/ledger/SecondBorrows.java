package io.crablet.pool.ledger;

import io.crablet.pool.SecondBorrow;
import io.crablet.pool.Sites;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where threads borrow a connection while they hold one. Thread-safe. The lines of code are found out later, in the ledger's own
 * thread: a method that always needs two connections must not pay for that each time.
 */
final class SecondBorrows {

    /** Beyond this many pairs of lines, new ones are counted only. */
    private static final int MAX_PAIRS = 100;

    /** Between two looks; those beyond are counted only. */
    private static final int MAX_SEEN = 200;

    private final Stacks stacks;

    private final LedgerListener listener;

    private final BlockingQueue<Seen> seen = new ArrayBlockingQueue<>(MAX_SEEN);

    private final BlockingQueue<SecondBorrow> untold = new ArrayBlockingQueue<>(MAX_SEEN);

    private final Map<Pair, Long> pairs = new ConcurrentHashMap<>();

    private final LongAdder total = new LongAdder();

    private record Seen(Borrow held, Throwable stack) {}

    private record Pair(String first, String second) {}

    SecondBorrows(Stacks stacks, LedgerListener listener) {
        this.stacks = stacks;
        this.listener = listener;
    }

    /** A thread that holds a connection is about to ask for another. */
    void add(Borrow held, Throwable stack) {
        total.increment();
        seen.offer(new Seen(held, stack));
    }

    /** Tells the listener. For the ledger's own thread: whoever asks for the pairs must not wait for a listener. */
    void tell() {
        findOut();
        for (SecondBorrow one = untold.poll(); one != null; one = untold.poll()) {
            listener.borrowedSecond(one);
        }
    }

    private synchronized void findOut() {
        for (Seen one = seen.poll(); one != null; one = seen.poll()) {
            Pair pair = new Pair(one.held().site(), Sites.first(stacks.frames(one.stack())));
            boolean counted = pairs.containsKey(pair) || pairs.size() < MAX_PAIRS;
            long count = counted ? pairs.merge(pair, 1L, Long::sum) : 0;
            untold.offer(new SecondBorrow(pair.first(), pair.second(), count));
        }
    }

    long total() {
        return total.sum();
    }

    /** The pairs seen, the most frequent first. */
    List<SecondBorrow> pairs() {
        findOut();
        return pairs.entrySet().stream()
                .map(entry ->
                        new SecondBorrow(entry.getKey().first(), entry.getKey().second(), entry.getValue()))
                .sorted(Comparator.comparingLong(SecondBorrow::count).reversed())
                .toList();
    }
}
