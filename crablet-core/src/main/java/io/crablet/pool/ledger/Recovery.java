package io.crablet.pool.ledger;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import java.sql.Connection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Takes connections back from borrowers that have forgotten them, or may not keep them. Thread-safe. */
final class Recovery {

    private static final String TAKEN_BACK =
            "Pool %s has taken this connection back from its borrower: %s. It was borrowed %s"
                    + " ago by thread %s at %s. What was not committed is undone; borrow another connection.";

    private final LendingPool pool;

    private final Entries entries;

    private final Reclaiming reclaiming;

    private final LedgerListener listener;

    private final boolean reclaimLeaked;

    private final LongAdder leaks = new LongAdder();

    private final LongAdder leaksReclaimed = new LongAdder();

    private final LongAdder othersReclaimed = new LongAdder();

    /** Apart from the others: an operator who takes back a whole pool must not displace what he is looking for. */
    private final Recent<ConnectionLeak> recentLeaks = new Recent<>();

    private final Recent<ConnectionLeak> recentOthers = new Recent<>();

    Recovery(LendingPool pool, Entries entries, Reclaiming reclaiming, LedgerListener listener, boolean reclaimLeaked) {
        this.pool = pool;
        this.entries = entries;
        this.reclaiming = reclaiming;
        this.listener = listener;
        this.reclaimLeaked = reclaimLeaked;
    }

    /**
     * The garbage collector says that nobody can reach what was given. It says so once: whatever fails from here on, the
     * connection goes back, and the listeners hear of it afterwards.
     */
    void lost(Borrow borrow) {
        if (borrow.hasEnded() || borrow.usage().hasEscaped()) {
            return;
        }
        if (!reclaimLeaked) {
            leaked(borrow);
            return;
        }
        Connection connection = borrow.loan().take();
        if (connection == null) {
            // Somebody has taken it back in the meantime.
            return;
        }
        boolean news = isNews(borrow);
        Outcome outcome = reclaiming.giveBack(
                connection, borrow.usage().hasChanged() || borrow.loan().isSpoiled());
        try {
            leaksReclaimed.increment();
            if (news) {
                listener.leaked(borrow.snapshot(System.nanoTime()));
            }
            tell(borrow, outcome);
        } finally {
            entries.ended(borrow);
        }
    }

    /** Somebody says that a connection is leaked, and returns it himself. */
    void forgotten(Borrow borrow) {
        leaked(borrow);
        leaksReclaimed.increment();
        tell(borrow, borrow.loan().isSpoiled() ? Outcome.EVICTED : Outcome.RETURNED);
    }

    /** Takes a connection from a borrower that may be using it. */
    Optional<ConnectionLeak> evictUnwilling(Borrow borrow, String reason) {
        BorrowedConnection known = borrow.snapshot(System.nanoTime());
        Connection connection = borrow.loan()
                .takeBack(TAKEN_BACK.formatted(
                        pool.name(), reason, Timeouts.seconds(known.held()), known.thread(), known.site()));
        if (connection == null) {
            return Optional.empty();
        }
        reclaiming.evict(connection);
        othersReclaimed.increment();
        try {
            return Optional.of(tell(borrow, Outcome.EVICTED));
        } finally {
            entries.ended(borrow);
        }
    }

    long leaks() {
        return leaks.sum();
    }

    long leaksReclaimed() {
        return leaksReclaimed.sum();
    }

    long othersReclaimed() {
        return othersReclaimed.sum();
    }

    /** The latest that were taken back, leaked ones and others, the latest first. */
    List<ConnectionLeak> recent() {
        return Stream.concat(recentLeaks.list().stream(), recentOthers.list().stream())
                .sorted(Comparator.comparing(ConnectionLeak::at).reversed())
                .toList();
    }

    private void leaked(Borrow borrow) {
        if (isNews(borrow)) {
            listener.leaked(borrow.snapshot(System.nanoTime()));
        }
    }

    private boolean isNews(Borrow borrow) {
        boolean first = borrow.markLeaked();
        if (first) {
            leaks.increment();
        }
        return first;
    }

    private ConnectionLeak tell(Borrow borrow, Outcome outcome) {
        ConnectionLeak leak = new ConnectionLeak(Instant.now(), borrow.snapshot(System.nanoTime()), outcome);
        (borrow.isLeaked() ? recentLeaks : recentOthers).add(leak);
        listener.reclaimed(leak);
        return leak;
    }
}
