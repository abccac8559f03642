package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.HolderGroup;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Callers that waited for a connection in vain, and who held the connections. Thread-safe. */
final class Timeouts {

    /** When many callers time out at once, they are told the same holders: to look at all borrows for each would only add to the load. */
    private static final long FRESH_NANOS = 250_000_000;

    private static final int MAX_GROUPS_IN_MESSAGE = 5;

    private static final int MAX_OPERATIONS = 3;

    private final LongFunction<List<BorrowedConnection>> borrowed;

    private final Recent<BorrowTimeout> recent = new Recent<>();

    private final LongAdder total = new LongAdder();

    private volatile @Nullable Holders last;

    private record Holders(long nanos, List<HolderGroup> groups) {

        boolean isFresh() {
            return System.nanoTime() - nanos <= FRESH_NANOS;
        }
    }

    /**
     * Knows of no timeouts yet.
     *
     * @param borrowed gives the borrowed connections as they are at a moment, in nanoseconds
     */
    Timeouts(LongFunction<List<BorrowedConnection>> borrowed) {
        this.borrowed = borrowed;
    }

    long total() {
        return total.sum();
    }

    List<BorrowTimeout> recent() {
        return recent.list();
    }

    void add(BorrowTimeout timeout) {
        total.increment();
        recent.add(timeout);
    }

    /** Who holds the pool's connections now, those with most first. */
    List<HolderGroup> holders() {
        Holders known = last;
        return (known == null || !known.isFresh() ? look() : known).groups();
    }

    private synchronized Holders look() {
        Holders known = last;
        if (known == null || !known.isFresh()) {
            long now = System.nanoTime();
            known = new Holders(now, groups(borrowed.apply(now)));
            last = known;
        }
        return known;
    }

    /** The pool's exception, with the holders added to what it says. */
    static SQLTransientConnectionException explained(
            SQLTransientConnectionException exception, List<HolderGroup> holders) {
        String message = holders.isEmpty()
                ? exception.getMessage()
                : exception.getMessage() + " Held by: " + text(holders) + ".";
        SQLTransientConnectionException explained = new SQLTransientConnectionException(
                message, exception.getSQLState(), exception.getErrorCode(), exception);
        if (exception.getNextException() != null) {
            explained.setNextException(exception.getNextException());
        }
        return explained;
    }

    static String text(List<HolderGroup> holders) {
        String groups = holders.stream()
                .limit(MAX_GROUPS_IN_MESSAGE)
                .map(group -> "%d x %s (oldest %s%s)"
                        .formatted(
                                group.count(),
                                group.site(),
                                seconds(group.oldest()),
                                group.operations().isEmpty() ? "" : "; " + String.join(", ", group.operations())))
                .collect(Collectors.joining(", "));
        int more = holders.size() - MAX_GROUPS_IN_MESSAGE;
        return more > 0 ? groups + " and " + more + " more lines of code" : groups;
    }

    static String seconds(Duration duration) {
        return "%d.%d s".formatted(duration.toSeconds(), duration.toMillisPart() / 100);
    }

    private static List<HolderGroup> groups(List<BorrowedConnection> borrowed) {
        Map<String, List<BorrowedConnection>> bySite =
                borrowed.stream().collect(Collectors.groupingBy(BorrowedConnection::site));
        return bySite.entrySet().stream()
                .map(entry -> group(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt(HolderGroup::count)
                        .thenComparing(HolderGroup::oldest)
                        .reversed())
                .toList();
    }

    private static HolderGroup group(String site, List<BorrowedConnection> held) {
        Duration oldest = held.stream()
                .map(BorrowedConnection::held)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        List<String> operations = held.stream()
                .map(BorrowedConnection::operation)
                .filter(Objects::nonNull)
                .distinct()
                .limit(MAX_OPERATIONS)
                .toList();
        return new HolderGroup(site, held.size(), oldest, operations);
    }
}
