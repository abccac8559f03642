package io.crablet.pool;

import io.crablet.pool.DatabaseAnswer.Failed;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Finds the state and the words for what was seen of a pool. Pure. */
final class Diagnosis {

    private final PoolPhase phase;

    private final PoolCounts counts;

    private final Starvation starvation;

    private final DatabaseAnswer database;

    private final boolean ownAddress;

    private final HealthLimits limits;

    private final Instant now;

    Diagnosis(
            PoolPhase phase,
            PoolCounts counts,
            Starvation starvation,
            DatabaseAnswer database,
            boolean ownAddress,
            HealthLimits limits,
            Instant now) {
        this.phase = phase;
        this.counts = counts;
        this.starvation = starvation;
        this.database = database;
        this.ownAddress = ownAddress;
        this.limits = limits;
        this.now = now;
    }

    PoolHealth health() {
        if (phase == PoolPhase.CLOSED) {
            return health(PoolState.UNREACHABLE, false, "The pool is closed and lends no more connections.");
        }
        // First, since a database that is gone also makes callers wait, and then a larger pool does not help.
        if (database instanceof Failed failed && unreachable(failed)) {
            return health(PoolState.UNREACHABLE, starvation.lasting(), unreachableMessage(failed));
        }
        return switch (phase) {
            case NOT_STARTED ->
                health(
                        PoolState.HEALTHY,
                        false,
                        "The pool has not started: it opens when the first connection is borrowed.");
            case SUSPENDED ->
                health(PoolState.EXHAUSTED, true, "The pool is suspended: callers wait until somebody resumes it.");
            default -> running();
        };
    }

    /**
     * A server that only refuses the side connection may well serve the connections the pool already has. So may one that is
     * not there, as long as it is not the pool's own address and no caller waits in vain.
     */
    private boolean unreachable(Failed failed) {
        if (counts.total() == 0) {
            return true;
        }
        return !failed.failure().serverAnswered() && (!ownAddress || counts.starved());
    }

    private PoolHealth running() {
        if (starvation.lasting()) {
            return health(PoolState.EXHAUSTED, true, lastingMessage());
        }
        if (counts.allActive()) {
            return health(PoolState.EXHAUSTED, false, exhaustedMessage());
        }
        if (counts.starved()) {
            return health(
                    PoolState.BUSY,
                    false,
                    "The pool opens more connections, %d of %d so far: %s."
                            .formatted(counts.total(), counts.max(), callersWait()));
        }
        if (counts.percentActive() > limits.busyAbove()) {
            return health(
                    PoolState.BUSY,
                    false,
                    "%s (%d %%, busy above %d %%). Look for slow queries, or raise maximum-pool-size before callers wait."
                            .formatted(inUse(), counts.percentActive(), limits.busyAbove()));
        }
        return health(PoolState.HEALTHY, false, inUse() + ".");
    }

    private String lastingMessage() {
        Instant relieved = starvation.relieved();
        if (relieved != null) {
            Duration left = limits.recoveredFor().minus(Duration.between(relieved, now));
            return "No caller has waited for %s; in service again in %s if it stays so. %s."
                    .formatted(sinceThen(relieved), seconds(left), inUse());
        }
        String room = counts.total() < counts.max()
                ? "The pool cannot open more: see whether the server has free connections."
                : "See on the server which sessions run long or are idle in transaction; raise maximum-pool-size only if "
                        + "they all do useful work.";
        return "%s and %s, for %s now. %s".formatted(inUse(), callersWait(), sinceThen(starvation.since()), room);
    }

    private String exhaustedMessage() {
        String waiting = counts.waiting() == 0
                ? "the next caller has to wait"
                : "%s, for %s now".formatted(callersWait(), sinceThen(starvation.since()));
        return "%s: %s. Look for slow queries, or raise maximum-pool-size.".formatted(inUse(), waiting);
    }

    private String unreachableMessage(Failed failed) {
        String callers = counts.waiting() == 0 ? "" : "; " + callersWait();
        return "The database cannot be reached since %s (%s)%s. %s"
                .formatted(
                        failed.since().truncatedTo(ChronoUnit.SECONDS),
                        failed.reason(),
                        callers,
                        failed.failure().advice());
    }

    private PoolHealth health(PoolState state, boolean outOfService, String message) {
        String more = database instanceof Failed failed && state != PoolState.UNREACHABLE ? watchMessage(failed) : "";
        return new PoolHealth(state, outOfService, message + more, counts, database);
    }

    private static String watchMessage(Failed failed) {
        String what = failed.failure().serverAnswered()
                ? "The server refuses the watch's own connection"
                : "The watch cannot reach the address of its own";
        return " %s (%s). %s".formatted(what, failed.reason(), failed.failure().advice());
    }

    private String inUse() {
        if (counts.active() > counts.max()) {
            return "%d connections are in use, more than the %d that the pool may open now"
                    .formatted(counts.active(), counts.max());
        }
        return counts.allActive()
                ? "All %d connections are in use".formatted(counts.max())
                : "%d of %d connections are in use".formatted(counts.active(), counts.max());
    }

    private String callersWait() {
        return counts.waiting() == 1 ? "one caller waits" : counts.waiting() + " callers wait";
    }

    private String sinceThen(@Nullable Instant then) {
        return then == null ? "0 s" : seconds(Duration.between(then, now));
    }

    private static String seconds(Duration duration) {
        return Math.max(0, Math.round(duration.toMillis() / 1000.0)) + " s";
    }
}
