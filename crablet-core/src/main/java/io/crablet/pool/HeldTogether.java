package io.crablet.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which connections one thread holds at once. */
final class HeldTogether {

    private final Map<Long, BorrowedConnection> firsts = new HashMap<>();

    private final Map<Long, BorrowedConnection> seconds = new HashMap<>();

    HeldTogether(List<BorrowedConnection> borrowed) {
        borrowed.forEach(borrow -> firsts.put(borrow.id(), borrow));
        for (BorrowedConnection borrow : borrowed) {
            Long first = borrow.whileHolding();
            if (first != null && firsts.containsKey(first)) {
                seconds.put(first, borrow);
            }
        }
    }

    /** What its thread held already when it borrowed this, and still holds. */
    @Nullable
    BorrowedConnection firstOf(BorrowedConnection borrow) {
        return borrow.whileHolding() == null ? null : firsts.get(borrow.whileHolding());
    }

    /** What its thread has borrowed while it held this, and not returned yet. */
    @Nullable
    BorrowedConnection secondOf(BorrowedConnection borrow) {
        return seconds.get(borrow.id());
    }
}
