package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolPhase;
import io.crablet.pool.ledger.ConnectionLedger;
import java.util.Optional;

/** The operations on a pool's connections, and on the pool as a whole. */
final class HikariOperations {

    private static final String REASON = "an operator wanted it back";

    private static final String NO_LEDGER =
            "Who holds the connections of pool %s is not known, since crablet.pool.watch.enabled is false.";

    private final OperatedPool pool;

    private final PoolOperation operation;

    HikariOperations(OperatedPool pool, PoolOperation operation) {
        this.pool = pool;
        this.operation = operation;
    }

    OperationResult evictIdle() {
        HikariPoolMXBean running = pool.source().getHikariPoolMXBean();
        if (running == null) {
            return refused("Pool %s has not started: it has no connections.".formatted(pool.name()));
        }
        PoolCounts before = pool.counts();
        running.softEvictConnections();
        PoolCounts after = pool.counts();
        return done(("Closed the idle connections, %d there were. The %d in use are closed when they come back."
                                + " The pool opens new ones, %d idle at least.")
                        .formatted(before.idle(), before.active(), pool.source().getMinimumIdle()))
                .withCounts(before, after);
    }

    OperationResult reclaim(long id) {
        ConnectionLedger ledger = pool.ledger();
        if (ledger == null) {
            return refused(NO_LEDGER.formatted(pool.name()));
        }
        PoolCounts before = pool.counts();
        Optional<ConnectionLeak> taken = ledger.reclaim(id, REASON);
        if (taken.isEmpty()) {
            return refused(
                    "Pool %s has no borrowed connection with the id %d: it has come back already, or there never was one."
                            .formatted(pool.name(), id));
        }
        BorrowedConnection connection = taken.get().connection();
        return done(("Closed the connection that thread %s borrowed at %s, and freed its slot."
                                + " Its transaction is rolled back; the borrower's next call on it fails.")
                        .formatted(connection.thread(), connection.site()))
                .withCounts(before, pool.counts());
    }

    OperationResult reset() {
        ConnectionLedger ledger = pool.ledger();
        HikariPoolMXBean running = pool.source().getHikariPoolMXBean();
        if (ledger == null) {
            return refused(NO_LEDGER.formatted(pool.name()) + " evict-idle closes those that nobody uses.");
        }
        if (running == null) {
            return refused("Pool %s has not started: it has no connections.".formatted(pool.name()));
        }
        PoolCounts before = pool.counts();
        // First, so that what comes back meanwhile is closed too.
        running.softEvictConnections();
        long taken = ledger.snapshot().borrowed().stream()
                .filter(borrow -> ledger.reclaim(borrow.id(), REASON).isPresent())
                .count();
        PoolCounts after = pool.counts();
        String closed = after.active() > 0
                ? ("Closed %d idle connections and %d in use. %d connections that the ledger does not know, or that were"
                                + " borrowed meanwhile, stay with their borrowers.")
                        .formatted(before.idle(), taken, after.active())
                : "Closed all connections, %d idle and %d in use.".formatted(before.idle(), taken);
        return done(closed
                        + " Transactions are rolled back, and the borrowers' next calls fail. The pool opens new ones.")
                .withCounts(before, after);
    }

    OperationResult suspend() {
        HikariPoolMXBean running = pool.source().getHikariPoolMXBean();
        if (!pool.source().isAllowPoolSuspension()) {
            return refused(
                    "Pool %s cannot be suspended: set spring.datasource.hikari.allow-pool-suspension=true and restart."
                            .formatted(pool.name()));
        }
        if (running == null || pool.gauge().phase() != PoolPhase.RUNNING) {
            return refused("Pool %s does not run: it is %s.".formatted(pool.name(), phase()));
        }
        int waiting = pool.counts().waiting();
        if (waiting > 0) {
            // HikariCP would wait for them, in the thread of this request, and could not be resumed before.
            return refused(
                    ("%d callers wait for a connection of pool %s, and suspending would wait for them. Free connections"
                                    + " first, with reclaim or resize, or wait until they are served.")
                            .formatted(waiting, pool.name()));
        }
        running.suspendPool();
        return done(("Suspended. Who asks for a connection waits until the pool is resumed, for as long as that takes;"
                        + " the %d in use stay with their borrowers.")
                .formatted(pool.counts().active()));
    }

    OperationResult resume() {
        HikariPoolMXBean running = pool.source().getHikariPoolMXBean();
        if (running == null || pool.gauge().phase() != PoolPhase.SUSPENDED) {
            return refused("Pool %s is not suspended: it is %s.".formatted(pool.name(), phase()));
        }
        running.resumePool();
        return done("Resumed. Callers that waited are served.");
    }

    private String phase() {
        return switch (pool.gauge().phase()) {
            case NOT_STARTED -> "not started";
            case RUNNING -> "running";
            case SUSPENDED -> "suspended";
            case CLOSED -> "closed";
        };
    }

    private OperationResult done(String message) {
        return OperationResult.of(operation, pool.name(), OperationResult.DONE, message);
    }

    private OperationResult refused(String message) {
        return OperationResult.of(operation, pool.name(), OperationResult.REFUSED, message);
    }
}
