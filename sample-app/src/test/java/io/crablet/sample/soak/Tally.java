package io.crablet.sample.soak;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** How often what was done, and what of it went wrong. */
final class Tally {

    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    void count(String what) {
        count(what, 1);
    }

    void count(String what, long times) {
        counts.computeIfAbsent(what, name -> new LongAdder()).add(times);
    }

    void failed(String what, Object why) {
        failures.add(what + ": " + why);
    }

    long of(String what) {
        LongAdder count = counts.get(what);
        return count == null ? 0 : count.sum();
    }

    /** Returns the sum of all counts whose names begin so. */
    long ofAll(String beginning) {
        return counts.keySet().stream()
                .filter(name -> name.startsWith(beginning))
                .mapToLong(this::of)
                .sum();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(counts).forEach((what, count) -> text.append("%n%,10d  %s".formatted(count.sum(), what)));
        return text.toString();
    }
}
