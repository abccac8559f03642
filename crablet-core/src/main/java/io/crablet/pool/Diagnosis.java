package io.crablet.pool;

import io.crablet.pool.DatabaseAnswer.Failed;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Finds the state and the words for what was seen of a pool. Pure. */
final class Diagnosis {

    /** One answer that is missed may be the connection's fault, or be over by now. */
    private static final int MISSED = 2;

    private final PoolPhase phase;

    private final PoolCounts counts;

    private final Starvation starvation;

    private final DatabaseAnswer database;

    private final boolean ownAddress;

    private final HealthLimits limits;

    private final Findings findings;

    private final Instant now;

    Diagnosis(
            PoolPhase phase,
            PoolCounts counts,
            Starvation starvation,
            DatabaseAnswer database,
            boolean ownAddress,
            HealthLimits limits,
            Findings findings,
            Instant now) {
        this.phase = phase;
        this.counts = counts;
        this.starvation = starvation;
        this.database = database;
        this.ownAddress = ownAddress;
        this.limits = limits;
        this.findings = findings;
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
     * A server that only refuses the side connection may well serve the connections the pool already has. So may one that has
     * missed a single answer, or is not at an address of the watch's own, as long as no caller waits in vain.
     */
    private boolean unreachable(Failed failed) {
        if (counts.total() == 0) {
            return failed.failure() != DatabaseFailure.SLOW;
        }
        return !failed.failure().serverAnswered() && (counts.starved() || !ownAddress && failed.missed() >= MISSED);
    }

    private PoolHealth running() {
        String hints = findings.leaks() + findings.stalledAppends();
        if (starvation.lasting()) {
            return health(PoolState.EXHAUSTED, true, lastingMessage() + hints);
        }
        boolean served = findings.progress().isEnoughFor(counts.waiting());
        if (counts.allActive() && !served) {
            return health(PoolState.EXHAUSTED, false, exhaustedMessage() + hints);
        }
        PoolState state = withRoom();
        String message = messageWithRoom(state, served) + findings.suspicion() + hints;
        return health(findings.leaking() ? PoolState.LEAKING : state, false, message);
    }

    private PoolState withRoom() {
        return counts.starved() || counts.percentActive() > limits.busyAbove() ? PoolState.BUSY : PoolState.HEALTHY;
    }

    private String messageWithRoom(PoolState state, boolean served) {
        if (served && (counts.starved() || counts.allActive())) {
            return servedMessage();
        }
        if (counts.starved()) {
            return "The pool opens more connections, %d of %d so far: %s."
                    .formatted(counts.total(), counts.max(), callersWait());
        }
        return state == PoolState.BUSY
                ? "%s (%d %%, busy above %d %%). Look for slow queries, or raise maximum-pool-size before callers wait."
                        .formatted(inUse(), counts.percentActive(), limits.busyAbove())
                : inUse() + ".";
    }

    /** A pool that is always full, and that serves everybody in good time, does what it is there for. */
    private String servedMessage() {
        Progress progress = findings.progress();
        if (counts.total() < counts.max()) {
            return "%s and %s, but they are served: %s in the last %s, none in vain. The pool opens more connections, %d of %d so far."
                    .formatted(
                            inUse(),
                            callersWait(),
                            Words.count(progress.served(), "caller"),
                            Words.time(progress.window()),
                            counts.total(),
                            counts.max());
        }
        return """
                %s%s, but connections come back: %s served in the last %s, none in vain. Hold them for a shorter \
                time, or raise maximum-pool-size if the server has room.""".formatted(
                        inUse(),
                        counts.waiting() == 0 ? "" : " and " + callersWait(),
                        Words.count(progress.served(), "caller"),
                        Words.time(progress.window()));
    }

    private String lastingMessage() {
        Instant relieved = starvation.relieved();
        if (relieved != null) {
            Duration left = limits.recoveredFor().minus(Duration.between(relieved, now));
            String relief = counts.allActive() ? "Callers have been served again" : "There has been room again";
            return "%s for %s; in service again in %s if it stays so. %s."
                    .formatted(relief, sinceThen(relieved), seconds(left), inUse());
        }
        String room = counts.total() < counts.max()
                ? "The pool cannot open more: see whether the server has free connections."
                : culprit(
                        "See on the server which sessions run long or are idle in transaction; raise maximum-pool-size"
                                + " only if they all do useful work.");
        String callers = counts.waiting() == 0 ? "no caller waits at present, but the next one would" : callersWait();
        return "%s and %s, for %s now. %s".formatted(inUse(), callers, sinceThen(starvation.since()), room);
    }

    private String exhaustedMessage() {
        String waiting = counts.waiting() == 0
                ? "the next caller has to wait"
                : "%s, for %s now".formatted(callersWait(), sinceThen(starvation.since()));
        return "%s: %s. %s".formatted(inUse(), waiting, culprit("Look for slow queries, or raise maximum-pool-size."));
    }

    private String culprit(String unknown) {
        String culprit = findings.culprit(counts);
        return culprit == null ? unknown : culprit;
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
        return new PoolHealth(
                state, outOfService, message + more, counts, database, findings.borrows(), findings.appendLock());
    }

    private String watchMessage(Failed failed) {
        String what;
        if (failed.failure() == DatabaseFailure.SLOW) {
            what = "The watch got no answer in time";
        } else if (failed.failure().serverAnswered()) {
            what = "The server refuses the watch's own connection";
        } else {
            what = ownAddress ? "The watch cannot reach the address of its own" : "The watch has missed an answer";
        }
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
