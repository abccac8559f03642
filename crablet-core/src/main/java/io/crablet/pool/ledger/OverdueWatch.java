package io.crablet.pool.ledger;

import io.crablet.pool.ledger.Measures.Stage;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes back what is held for too long, although somebody may be using it. In stages, each only if the borrower has not used its
 * connection since the one before: warns, cancels the statement that runs, evicts.
 */
final class OverdueWatch {

    private static final long BETWEEN_STAGES_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ConnectionLedger ledger;

    private final Reclaiming reclaiming;

    private final LedgerSettings settings;

    private final LedgerListener listener;

    OverdueWatch(ConnectionLedger ledger, Reclaiming reclaiming, LedgerSettings settings, LedgerListener listener) {
        this.ledger = ledger;
        this.reclaiming = reclaiming;
        this.settings = settings;
        this.listener = listener;
    }

    void look(Borrow borrow, long now) {
        Duration limit = settings.reclaimAfter();
        if (limit == null || borrow.heldNanos(now) < limit.toNanos() || isExempt(borrow.operation())) {
            return;
        }
        Measures measures = borrow.measures();
        if (measures.stage() == Stage.NONE) {
            listener.overdue(borrow.snapshot(now));
            measures.reach(Stage.WARNED, now);
        } else if (borrow.usage().usedSince(measures.stageNanos())) {
            measures.reach(Stage.WARNED, now);
        } else if (now - measures.stageNanos() >= betweenStages(limit)) {
            goOn(borrow, limit, now);
        }
    }

    private void goOn(Borrow borrow, Duration limit, long now) {
        Connection connection = borrow.connection();
        if (borrow.measures().stage() == Stage.WARNED && borrow.usage().isExecuting() && connection != null) {
            borrow.measures().reach(Stage.CANCELLED, now);
            reclaiming.cancel(connection);
        } else {
            ledger.evictUnwilling(borrow, "it was held for longer than reclaim-after allows (" + limit + ")");
        }
    }

    private boolean isExempt(@Nullable String operation) {
        return operation != null && settings.exempt().contains(operation);
    }

    private static long betweenStages(Duration limit) {
        return Math.min(BETWEEN_STAGES_NANOS, limit.toNanos());
    }
}
