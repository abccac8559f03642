package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the ledger and the server's sessions add to a pool's counters, in sentences for its health. */
final class Findings {

    /** How long it shows that connections have been forgotten, after the last one was taken back. */
    private static final Duration LEAKS_SHOWN_FOR = Duration.ofMinutes(1);

    private static final Comparator<AppendLock> WORST_LOCK = Comparator.comparing(
                    AppendLock::idleInTransaction, Comparator.nullsFirst(Comparator.<Duration>naturalOrder()))
            .thenComparing(AppendLock::waiting)
            .thenComparing(AppendLock::transaction, Comparator.nullsFirst(Comparator.<Duration>naturalOrder()));

    private static final Duration LONG_APPEND = Duration.ofSeconds(5);

    private final LedgerSnapshot ledger;

    private final @Nullable ServerSnapshot server;

    private final Verdicts verdicts;

    private final PoolRates rates;

    private final Progress progress;

    Findings(
            LedgerSnapshot ledger,
            @Nullable ServerSnapshot server,
            Verdicts verdicts,
            PoolRates rates,
            Progress progress) {
        this.ledger = ledger;
        this.server = server;
        this.verdicts = verdicts;
        this.rates = rates;
        this.progress = progress;
    }

    /** What there is to find without a ledger and a server. */
    static Findings none(Instant now) {
        LedgerSnapshot empty = LedgerSnapshot.empty(now);
        return new Findings(
                empty,
                null,
                new Verdicts(empty, Map.of(), null, VerdictLimits.DEFAULTS),
                PoolRates.NONE,
                Progress.NONE);
    }

    Progress progress() {
        return progress;
    }

    PoolHealth.@Nullable Borrows borrows() {
        if (ledger.borrows() == 0) {
            return null;
        }
        Duration oldest = ledger.borrowed().stream()
                .map(BorrowedConnection::held)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return new PoolHealth.Borrows(oldest, suspects(), ledger.leaksReclaimed());
    }

    /** Who holds the connections of a pool that has none left; null if nothing is known of them. */
    @Nullable
    String culprit(PoolCounts counts) {
        if (ledger.borrowed().isEmpty()) {
            return null;
        }
        Verdict verdict = verdicts.ofPool(counts, rates);
        boolean blamed = verdict.cause() != VerdictCause.UNKNOWN && verdict.cause() != VerdictCause.TOO_MUCH_LOAD;
        return verdict.message() + (blamed ? "" : suspicion());
    }

    /** A sentence on the connections that are held for too long, with the worst of them; empty if there are none. */
    String suspicion() {
        int suspects = suspects();
        if (suspects == 0) {
            return "";
        }
        BorrowedConnection worst = ledger.borrowed().stream()
                .max(Comparator.comparing(BorrowedConnection::grade)
                        .thenComparing(this::hasCause)
                        .thenComparing(BorrowedConnection::held))
                .orElseThrow();
        return " %s %s for too long, above all one for %s by %s: %s"
                .formatted(
                        Words.count(suspects, "connection"),
                        suspects == 1 ? "is held" : "are held",
                        Words.time(worst.held()),
                        Words.origin(worst),
                        verdicts.of(worst).message());
    }

    boolean leaking() {
        return ledger.count(BorrowGrade.LEAKED) > 0 || lastLeak() != null;
    }

    /** A sentence on the connections that were forgotten and taken back of late; empty if there are none. */
    String leaks() {
        ConnectionLeak last = lastLeak();
        return last == null
                ? ""
                : """
                        \sForgotten connections were taken back, %d since the start, the last one %s ago: close what \
                        %s borrows, with try-with-resources.""".formatted(
                                ledger.leaksReclaimed(),
                                Words.time(Duration.between(last.at(), ledger.takenAt())),
                                Words.origin(last.connection()));
    }

    /** Who holds the append lock; null if nobody does. */
    @Nullable
    String appendLock() {
        AppendLock lock = worstLock();
        if (lock == null) {
            return null;
        }
        String holder = lock.holder() == 0
                ? "a prepared transaction"
                : "backend " + lock.holder() + verdicts.identity(lock.holder());
        String waiting = lock.waiting() == 1 ? "1 append waits" : lock.waiting() + " appends wait";
        return "The append lock of the event log in schema %s %s; %s."
                .formatted(lock.schema(), held(lock, holder), waiting);
    }

    private String held(AppendLock lock, String holder) {
        if (verdicts.mayHaveLetGo(lock.holder())) {
            return "was held, when the server was asked %s ago, by %s, who may have used the connection since"
                    .formatted(Words.time(age()), holder);
        }
        String time = lock.transaction() == null
                ? "is held"
                : "has been held for at most " + Words.time(lock.transaction().plus(age()));
        String idle = lock.idleInTransaction() == null
                ? ""
                : ", idle in transaction for "
                        + Words.time(lock.idleInTransaction().plus(age()));
        return time + " by " + holder + idle;
    }

    /** How long ago the server was asked. */
    private Duration age() {
        Duration age = server == null ? Duration.ZERO : Duration.between(server.takenAt(), ledger.takenAt());
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** The same, with what to do, if it stalls the appends; empty if it does not. */
    String stalledAppends() {
        AppendLock lock = worstLock();
        if (lock == null || !stalls(lock)) {
            return "";
        }
        return " " + appendLock() + " " + remedy(lock.holder());
    }

    private String remedy(int holder) {
        if (verdicts.mayHaveLetGo(holder)) {
            return "Look again to see who holds it now.";
        }
        return holder == 0
                ? "End it with COMMIT PREPARED or ROLLBACK PREPARED."
                : "End that transaction, or terminate backend " + holder + ".";
    }

    private boolean stalls(AppendLock lock) {
        boolean idle = !verdicts.mayHaveLetGo(lock.holder());
        return idle && longer(lock.idleInTransaction(), VerdictLimits.DEFAULTS.evidentAfter())
                || lock.waiting() > 0 && longer(lock.transaction(), LONG_APPEND);
    }

    private static boolean longer(@Nullable Duration time, Duration limit) {
        return time != null && time.compareTo(limit) >= 0;
    }

    private @Nullable AppendLock worstLock() {
        return server == null
                ? null
                : server.appendLocks().stream().max(WORST_LOCK).orElse(null);
    }

    private int suspects() {
        return ledger.borrowed().size() - ledger.count(BorrowGrade.NORMAL);
    }

    private boolean hasCause(BorrowedConnection borrow) {
        VerdictCause cause = verdicts.cause(borrow);
        return cause != VerdictCause.UNKNOWN && cause != VerdictCause.IN_USE;
    }

    private @Nullable ConnectionLeak lastLeak() {
        Instant from = ledger.takenAt().minus(LEAKS_SHOWN_FOR);
        return ledger.recentLeaks().stream()
                .filter(leak -> leak.connection().grade() == BorrowGrade.LEAKED
                        && leak.at().isAfter(from))
                .findFirst()
                .orElse(null);
    }
}
