package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was seen of a pool in the last minute, about once in a second. For one thread at a time. */
final class PoolSamples {

    private static final Duration KEPT = Duration.ofMinutes(1);

    /** Samples closer together than this would only cost memory. */
    private static final Duration APART = Duration.ofMillis(500);

    /** Of each sample only the sites that hold most are kept. */
    private static final int SITES = 10;

    /** Between looks that are further apart than this anything may have happened. */
    private static final Duration GAP = Duration.ofSeconds(2);

    private record Sample(
            Instant at, PoolCounts counts, LedgerCounters ledger, int borrowed, Map<String, Integer> bySite) {}

    private record LedgerCounters(long borrows, long returns, Duration held, long timeouts) {

        LedgerCounters since(LedgerCounters earlier) {
            return new LedgerCounters(
                    borrows - earlier.borrows,
                    returns - earlier.returns,
                    held.minus(earlier.held),
                    timeouts - earlier.timeouts);
        }
    }

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Of all samples, also those that are not kept. */
    private int peakActive;

    private @Nullable Instant watchedSince;

    void add(Instant at, PoolCounts counts, LedgerSnapshot ledger) {
        Sample before = samples.peekLast();
        if (before != null && Duration.between(before.at(), at).compareTo(APART) < 0) {
            return;
        }
        LedgerCounters counters =
                new LedgerCounters(ledger.borrows(), ledger.returns(), ledger.heldTotal(), ledger.timeouts());
        samples.addLast(new Sample(at, counts, counters, ledger.borrowed().size(), bySite(ledger)));
        peakActive = Math.max(peakActive, counts.active());
        if (watchedSince == null) {
            watchedSince = at;
        }
        while (samples.getFirst().at().isBefore(at.minus(KEPT))) {
            samples.removeFirst();
        }
    }

    /** What was measured in the last minute. */
    PoolRates rates() {
        if (samples.size() < 2) {
            return PoolRates.NONE;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        LedgerCounters seen = last.ledger().since(first.ledger());
        return new PoolRates(
                Duration.between(first.at(), last.at()),
                seen.borrows(),
                seen.returns(),
                seen.held(),
                seen.timeouts(),
                samples.stream()
                        .mapToInt(sample -> sample.counts().waiting())
                        .average()
                        .orElse(0),
                last.counts().waiting() - first.counts().waiting(),
                peakActive,
                Duration.between(watchedSince == null ? first.at() : watchedSince, last.at()),
                heldBySite(),
                heldByAll());
    }

    /**
     * How many callers got a connection that another had returned, within some time. One that was opened for them counts too, as long
     * as there may be more of those.
     *
     * @param now the moment at which that time ends
     * @param within the time
     */
    Progress progress(Instant now, Duration within) {
        Sample from = null;
        for (Sample sample : samples) {
            if (from == null || !sample.at().isAfter(now.minus(within))) {
                from = sample;
            }
        }
        Sample to = samples.peekLast();
        if (from == null || to == null) {
            return Progress.NONE;
        }
        Duration window = Duration.between(from.at(), to.at());
        if (window.compareTo(within.plus(GAP)) > 0) {
            return Progress.NONE;
        }
        LedgerCounters seen = to.ledger().since(from.ledger());
        long given = seen.returns() + opened(from.counts(), to.counts());
        return new Progress(window, within, Math.min(seen.borrows(), given), seen.timeouts());
    }

    private static int opened(PoolCounts from, PoolCounts to) {
        return to.total() < to.max() ? Math.max(0, to.total() - from.total()) : 0;
    }

    /** Whether the last caller that was seen to be done waiting waited in vain: nobody got a connection since. */
    boolean lastInVain() {
        Iterator<Sample> latestFirst = samples.descendingIterator();
        LedgerCounters later = null;
        while (latestFirst.hasNext()) {
            LedgerCounters earlier = latestFirst.next().ledger();
            if (later != null) {
                LedgerCounters between = later.since(earlier);
                if (between.borrows() > 0 || between.timeouts() > 0) {
                    return between.borrows() == 0;
                }
            }
            later = earlier;
        }
        return false;
    }

    private static Map<String, Integer> bySite(LedgerSnapshot ledger) {
        Map<String, Integer> bySite = new HashMap<>();
        ledger.borrowed().forEach(borrow -> bySite.merge(borrow.site(), 1, Integer::sum));
        return bySite.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .limit(SITES)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private Map<String, Duration> heldBySite() {
        Map<String, Duration> held = new HashMap<>();
        Iterator<Sample> all = samples.iterator();
        Instant before = all.next().at();
        while (all.hasNext()) {
            Sample sample = all.next();
            Duration passed = Duration.between(before, sample.at());
            sample.bySite().forEach((site, count) -> held.merge(site, passed.multipliedBy(count), Duration::plus));
            before = sample.at();
        }
        return held;
    }

    private Duration heldByAll() {
        Duration held = Duration.ZERO;
        Iterator<Sample> all = samples.iterator();
        Instant before = all.next().at();
        while (all.hasNext()) {
            Sample sample = all.next();
            held = held.plus(Duration.between(before, sample.at()).multipliedBy(sample.borrowed()));
            before = sample.at();
        }
        return held;
    }
}
