package io.crablet.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Judges a pool by the verdicts on its connections and by its load. */
final class PoolJudge {

    private final Verdicts verdicts;

    private final LedgerSnapshot ledger;

    private final PoolCounts counts;

    private final PoolRates rates;

    PoolJudge(Verdicts verdicts, LedgerSnapshot ledger, PoolCounts counts, PoolRates rates) {
        this.verdicts = verdicts;
        this.ledger = ledger;
        this.counts = counts;
        this.rates = rates;
    }

    Verdict verdict() {
        Map<VerdictCause, List<BorrowedConnection>> byCause = new EnumMap<>(VerdictCause.class);
        for (BorrowedConnection borrow : ledger.borrowed()) {
            VerdictCause cause = verdicts.cause(borrow);
            if (cause != VerdictCause.IN_USE && cause != VerdictCause.UNKNOWN) {
                byCause.computeIfAbsent(cause, any -> new ArrayList<>()).add(borrow);
            }
        }
        return byCause.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .filter(most -> 2 * most.getValue().size() >= ledger.borrowed().size())
                .map(most -> blamed(most.getKey(), most.getValue()))
                .orElseGet(this::load);
    }

    private Verdict blamed(VerdictCause cause, List<BorrowedConnection> held) {
        BorrowedConnection oldest = held.stream()
                .max(Comparator.comparing(BorrowedConnection::held))
                .orElseThrow();
        String message = "%d of %d connections %s, %s. The oldest%s has been held for %s: %s"
                .formatted(
                        held.size(),
                        counts.max(),
                        phrase(cause),
                        bySite(held),
                        oldest.operation() == null ? "" : ", in operation " + oldest.operation() + ",",
                        Words.time(oldest.held()),
                        verdicts.of(oldest).message());
        return new Verdict(cause, message);
    }

    private static String bySite(List<BorrowedConnection> held) {
        Map<String, Integer> sites = new HashMap<>();
        held.forEach(borrow -> sites.merge(borrow.site(), 1, Integer::sum));
        Map.Entry<String, Integer> main = sites.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .orElseThrow();
        return (sites.size() == 1 ? "all" : main.getValue() + " of them") + " borrowed by " + main.getKey();
    }

    private Verdict load() {
        String holders = ledger.borrowed().isEmpty()
                ? ""
                : " %d are in use now, %s.".formatted(ledger.borrowed().size(), bySite(ledger.borrowed()));
        if (!rates.isEnough()) {
            return new Verdict(
                    VerdictCause.UNKNOWN,
                    "No single cause holds the connections, and too few came back in the last %s to measure the load.%s"
                            .formatted(Words.time(rates.window()), holders));
        }
        String load = rates.load(counts.max());
        if (!rates.takes(counts.max())) {
            return new Verdict(
                    VerdictCause.UNKNOWN,
                    "No single cause holds the connections, nor does the load: %s.%s".formatted(load, holders));
        }
        return new Verdict(VerdictCause.TOO_MUCH_LOAD, """
                Healthy but busy, with no single culprit: %s.%s Hold connections for a shorter time, or raise \
                maximum-pool-size if the server has room.""".formatted(load, holders));
    }

    private static String phrase(VerdictCause cause) {
        return switch (cause) {
            case FORGOTTEN -> "are forgotten";
            case SECOND_CONNECTION -> "are held by threads that want two at once";
            case WAITING_FOR_LOCK -> "wait for a lock";
            case SLOW_QUERY -> "run a slow statement";
            case THREAD_ENDED -> "are held by threads that have ended";
            case STREAM_LEFT_OPEN -> "have a result set left open";
            case IDLE_IN_TRANSACTION -> "are idle in transaction";
            default -> "are in use";
        };
    }
}
