package io.crablet.pool.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The borrows that have not ended. A thread begins to look for a place where it had its last one, so that to enter a borrow takes one
 * atomic step and to remove it none; a map takes five. Thread-safe.
 */
final class Places {

    /** More than nearly every pool has connections. */
    private static final int SIZE = 256;

    private static final int NO_PLACE = -1;

    private final AtomicReferenceArray<@Nullable Borrow> places = new AtomicReferenceArray<>(SIZE);

    /** Those that have found no place. */
    private final Set<Borrow> others = ConcurrentHashMap.newKeySet();

    /**
     * Enters a borrow.
     *
     * @param first where to look first
     * @return where it is, for {@link #remove}
     */
    int add(Borrow borrow, int first) {
        for (int i = 0; i < SIZE; i++) {
            int place = (first + i) & (SIZE - 1);
            if (places.getPlain(place) == null && places.compareAndSet(place, null, borrow)) {
                return place;
            }
        }
        others.add(borrow);
        return NO_PLACE;
    }

    /** Removes a borrow, which was not removed before. */
    void remove(Borrow borrow, int place) {
        if (place == NO_PLACE) {
            others.remove(borrow);
        } else {
            places.setRelease(place, null);
        }
    }

    List<Borrow> all() {
        List<Borrow> all = new ArrayList<>(others);
        for (int place = 0; place < SIZE; place++) {
            Borrow borrow = places.get(place);
            if (borrow != null) {
                all.add(borrow);
            }
        }
        return all;
    }
}
