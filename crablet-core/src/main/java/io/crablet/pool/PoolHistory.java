package io.crablet.pool;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks at one pool again and again, and remembers what it saw, and for how long callers have waited. Thread-safe. */
final class PoolHistory {

    /** How old a ledger does for the pool's health, however often somebody asks for that. */
    private static final Duration YOUNG = Duration.ofMillis(200);

    /** The server's sessions, and the ledgers as they were right after that: in this order they can be joined. */
    private record View(
            Instant at, @Nullable ServerSnapshot server, LedgerSnapshot ledger, Map<String, LedgerSnapshot> others) {}

    private final WatchedPool pool;

    private final HealthLimits limits;

    private final VerdictLimits verdictLimits;

    private final PoolSamples samples = new PoolSamples();

    private final TimelineRecorder timeline = new TimelineRecorder();

    private Starvation starvation = Starvation.NONE;

    private volatile @Nullable View last;

    PoolHistory(WatchedPool pool, HealthLimits limits, VerdictLimits verdictLimits) {
        this.pool = pool;
        this.limits = limits;
        this.verdictLimits = verdictLimits;
    }

    WatchedPool pool() {
        return pool;
    }

    String name() {
        return pool.gauge().name();
    }

    synchronized PoolRates rates() {
        return samples.rates();
    }

    PoolTimeline timeline(Instant now) {
        return timeline.until(now);
    }

    /** Everything that can be seen of the pool now, to be remembered for longer. */
    PoolLook record(Instant now, Supplier<Map<String, LedgerSnapshot>> others) {
        PoolLook look = look(now, others);
        timeline.add(now, look.health().counts(), look.ledger());
        return look;
    }

    /** The pool's health, with ledgers that may be a moment old. */
    PoolHealth observe(Instant now, Supplier<Map<String, LedgerSnapshot>> others) {
        View seen = last;
        boolean young = seen != null && Duration.between(seen.at(), now).compareTo(YOUNG) < 0;
        return look(now, young ? seen : null, others).health();
    }

    /** Everything that can be seen of the pool now. */
    PoolLook look(Instant now, Supplier<Map<String, LedgerSnapshot>> others) {
        return look(now, null, others);
    }

    private PoolLook look(Instant now, @Nullable View seen, Supplier<Map<String, LedgerSnapshot>> others) {
        DatabaseAnswer asked = pool.database().get();
        LedgerSnapshot ledger = seen == null ? pool.ledger().get() : seen.ledger();
        DatabaseAnswer answer = JoinProof.checked(asked, ledger);
        View view = seen == null ? new View(now, server(answer), ledger, others.get()) : seen;
        PoolPhase phase = pool.gauge().phase();
        PoolCounts counts = pool.gauge().counts();
        Verdicts verdicts = new Verdicts(view.ledger(), view.others(), view.server(), verdictLimits);
        Starvation starved;
        Progress progress;
        PoolRates rates;
        synchronized (this) {
            if (seen == null) {
                last = view;
                samples.add(now, counts, view.ledger());
            }
            progress = samples.progress(now, limits.exhaustedFor());
            rates = samples.rates();
            boolean served = progress.isEnoughFor(counts.waiting());
            // Callers that come one by one and give up soon may be missed by every single look.
            boolean starving = counts.starved() || counts.allActive() && samples.lastInVain();
            starvation = starvation.next(starving, served, hasRoom(counts, answer), now, limits);
            starved = starvation;
        }
        Findings findings = new Findings(view.ledger(), view.server(), verdicts, rates, progress);
        Diagnosis diagnosis = new Diagnosis(phase, counts, starved, answer, pool.ownAddress(), limits, findings, now);
        return new PoolLook(diagnosis.health(), view.ledger(), view.server(), verdicts, rates);
    }

    /** Whether the next caller gets a connection: one is idle, or nothing is known that keeps the pool from opening one. */
    private boolean hasRoom(PoolCounts counts, DatabaseAnswer answer) {
        return counts.idle() > 0 || !counts.allActive() && (pool.ownAddress() || !(answer instanceof Failed));
    }

    private static @Nullable ServerSnapshot server(DatabaseAnswer answer) {
        return answer instanceof Answered answered ? answered.server() : null;
    }
}
