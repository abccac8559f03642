package io.crablet.pool.ledger;

import io.crablet.pool.ledger.Measures.Stage;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes back what is held for too long, although somebody may be using it. In stages, each only if the borrower has not used its
 * connection since the one before: warns, cancels the statement that runs, evicts. Of a borrower that can use it unseen it only
 * warns.
 */
final class OverdueWatch {

    private static final long BETWEEN_STAGES_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Recovery recovery;

    private final Reclaiming reclaiming;

    private final LedgerListener listener;

    private final LedgerSettings settings;

    /** A thread of its own for what opens a socket to the server: no leak may wait for that. */
    private final Executor worker;

    OverdueWatch(
            LendingPool pool,
            Recovery recovery,
            Reclaiming reclaiming,
            LedgerListener listener,
            LedgerSettings settings) {
        this.recovery = recovery;
        this.reclaiming = reclaiming;
        this.listener = listener;
        this.settings = settings;
        this.worker = worker("crablet-overdue-" + pool.name());
    }

    private static Executor worker(String name) {
        ThreadPoolExecutor worker =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    return LedgerWatch.thread(task, name);
                });
        worker.allowCoreThreadTimeOut(true);
        return worker;
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
        } else if (isUsed(borrow)) {
            measures.reach(Stage.WARNED, now);
        } else if (now - measures.stageNanos() >= betweenStages(limit)) {
            if (measures.stage() == Stage.WARNED && borrow.usage().isExecuting()) {
                measures.reach(Stage.CANCELLED, now);
                worker.execute(() -> cancel(borrow));
            } else if (measures.stage() != Stage.EVICTED) {
                measures.reach(Stage.EVICTED, now);
                worker.execute(() -> evict(borrow, limit));
            }
        }
    }

    /** Such a borrow is never reused: the cancel could come so late that it ends a statement of the next borrower. */
    private void cancel(Borrow borrow) {
        if (!isUsed(borrow)) {
            borrow.loan().spoil();
            Connection connection = borrow.loan().connection();
            if (connection != null) {
                reclaiming.cancel(connection);
            }
        }
    }

    private void evict(Borrow borrow, Duration limit) {
        if (!isUsed(borrow)) {
            recovery.evictUnwilling(borrow, "it was held for longer than reclaim-after allows (" + limit + ")");
        }
    }

    /** Whether the borrower has used it since the last stage, or may have done so unseen. */
    private static boolean isUsed(Borrow borrow) {
        return borrow.usage().hasEscaped()
                || borrow.usage().usedSince(borrow.measures().stageNanos());
    }

    private boolean isExempt(@Nullable String operation) {
        return operation != null && settings.exempt().contains(operation);
    }

    private static long betweenStages(Duration limit) {
        return Math.min(BETWEEN_STAGES_NANOS, limit.toNanos());
    }
}
