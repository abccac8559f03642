package io.crablet.pool.micrometer;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Something for each value of a tag, as long as there are not too many values: those that come later share one. Thread-safe. */
final class Series<T> {

    /** Where nothing says the value. It is there from the beginning. */
    static final String NONE = "none";

    static final String OTHER = "other";

    private static final int MAX_VALUES = 100;

    private final Map<String, T> known = new ConcurrentHashMap<>();

    private final Function<String, T> maker;

    private volatile @Nullable T other;

    Series(Function<String, T> maker) {
        this.maker = maker;
        known.put(NONE, maker.apply(NONE));
    }

    T of(@Nullable String value) {
        T one = known.get(value == null ? NONE : value);
        if (one != null) {
            return one;
        }
        T rest = other;
        return rest == null ? added(value == null ? NONE : value) : rest;
    }

    Collection<T> all() {
        return known.values();
    }

    private synchronized T added(String value) {
        boolean hasRoom = known.size() <= MAX_VALUES;
        T one = known.computeIfAbsent(hasRoom ? value : OTHER, maker);
        if (!hasRoom) {
            other = one;
        }
        return one;
    }
}
