package io.crablet.autoconfigure.pool;

import io.crablet.pool.BorrowGrade;
import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.HolderGroup;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.SecondBorrow;
import io.crablet.pool.Verdict;
import io.crablet.pool.VerdictLimits;
import io.crablet.pool.Verdicts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * A pool, as the endpoint shows it. What is not known is null, and left out of the answer.
 *
 * @param name its name
 * @param takenAt when this was seen
 * @param profile the profile it has its settings from
 * @param state as in health
 * @param message likewise
 * @param counts its counters
 * @param capacity what the capacity check found
 * @param settings the settings in force
 * @param watched whether borrows are recorded; without, the rest is empty
 * @param borrowed who holds its connections, the oldest first
 * @param borrowedLeftOut how many of them are not in the list, since it would be too long
 * @param totals what was counted since the start
 * @param recentLeaks the latest connections that were taken back, the latest first
 * @param recentTimeouts the latest callers that waited in vain, the latest first
 * @param secondBorrows where threads borrow a connection while they hold one
 * @param server the server's sessions
 * @param advice what to set
 */
record PoolReport(
        String name,
        Instant takenAt,
        String profile,
        String state,
        String message,
        PoolCounts counts,
        @Nullable String capacity,
        Map<String, PoolSettings.Setting> settings,
        boolean watched,
        List<BorrowReport> borrowed,
        int borrowedLeftOut,
        Totals totals,
        List<Leak> recentLeaks,
        List<Timeout> recentTimeouts,
        List<SecondBorrow> secondBorrows,
        @Nullable ServerReport server,
        List<String> advice)
        implements OperationResponseBody {

    /** What a pool's ledger has counted since the start. */
    record Totals(
            long borrows,
            long returns,
            long leaks,
            long leaksReclaimed,
            long otherReclaimed,
            long timeouts,
            long secondBorrows) {

        static Totals of(LedgerSnapshot ledger) {
            return new Totals(
                    ledger.borrows(),
                    ledger.returns(),
                    ledger.leaks(),
                    ledger.leaksReclaimed(),
                    ledger.overdueReclaimed(),
                    ledger.timeouts(),
                    ledger.secondBorrows());
        }
    }

    /** A connection that was taken back. */
    record Leak(Instant at, String outcome, BorrowReport connection) {

        static Leak of(ConnectionLeak leak) {
            return new Leak(
                    leak.at(),
                    leak.outcome().name().toLowerCase(Locale.ROOT),
                    BorrowReport.of(leak.connection(), null, verdict(leak), false));
        }

        /** Of a leak it is certain; why another was still held when it was taken back is no longer known. */
        private static @Nullable Verdict verdict(ConnectionLeak leak) {
            return leak.connection().grade() == BorrowGrade.LEAKED
                    ? new Verdicts(LedgerSnapshot.empty(leak.at()), Map.of(), null, VerdictLimits.DEFAULTS)
                            .of(leak.connection())
                    : null;
        }
    }

    /** A caller that waited in vain, and who held the connections then. */
    record Timeout(
            Instant at,
            long waitedMs,
            String thread,
            @Nullable String operation,
            @Nullable String traceId,
            List<String> frames,
            List<Holder> holders) {

        /** The holders of a pool are as many as it has connections: the first of them are the most. */
        private static final int MAX_HOLDERS = 10;

        static Timeout of(BorrowTimeout timeout) {
            return new Timeout(
                    timeout.at(),
                    timeout.waited().toMillis(),
                    timeout.thread(),
                    timeout.operation(),
                    timeout.traceId(),
                    BorrowReport.lines(timeout.frames()),
                    timeout.holders().stream()
                            .limit(MAX_HOLDERS)
                            .map(Holder::of)
                            .toList());
        }
    }

    /** The connections that one line of code held. */
    record Holder(String site, int count, long oldestMs, List<String> operations) {

        static Holder of(HolderGroup group) {
            return new Holder(group.site(), group.count(), group.oldest().toMillis(), group.operations());
        }
    }
}
