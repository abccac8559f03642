package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what to set, from what was measured of a pool: plain sentences with figures, the most urgent first. No advice without
 * data. Pure; it has no SQL in it.
 */
public final class Advice {

    /** A pool of which less than one part in so many was ever in use is far too large. */
    private static final int FAR_TOO_LARGE = 5;

    /** Below this size a pool costs too little to make it smaller. */
    private static final int SMALL = 20;

    /** After this a leak is history, and no advice any more. */
    private static final Duration LATELY = Duration.ofHours(1);

    /** For how long a pool is to be watched before it is called too large. */
    private static final Duration LONG_TERM = Duration.ofHours(1);

    /** By how much a pool should be larger than its load is on average. */
    private static final double RESERVE = 1.2;

    private final PoolCounts counts;

    private final LedgerSnapshot ledger;

    private final PoolRates rates;

    private final @Nullable ServerSnapshot server;

    private final List<String> sentences = new ArrayList<>();

    private Advice(PoolCounts counts, LedgerSnapshot ledger, PoolRates rates, @Nullable ServerSnapshot server) {
        this.counts = counts;
        this.ledger = ledger;
        this.rates = rates;
        this.server = server;
    }

    /**
     * Finds what there is to advise.
     *
     * @param counts the pool's counters
     * @param ledger its ledger
     * @param rates what was measured of its use
     * @param server the server's sessions; null if they cannot be seen
     * @param capacity what the capacity check found, without a full stop; null if it found nothing, or the pool fits
     * @param corrections the settings that HikariCP replaces, a sentence without its full stop for each
     * @return the sentences, none if all is well or too little is known
     */
    public static List<String> of(
            PoolCounts counts,
            LedgerSnapshot ledger,
            PoolRates rates,
            @Nullable ServerSnapshot server,
            @Nullable String capacity,
            List<String> corrections) {
        Advice advice = new Advice(counts, ledger, rates, server);
        advice.onLeaks();
        advice.onTimeouts();
        advice.onSecondBorrows();
        advice.onIdleTransactions();
        advice.onSize();
        advice.onSites();
        advice.onServer();
        if (capacity != null) {
            advice.add("The capacity check says: %s. Set maximum-pool-size to what the server has room for.", capacity);
        }
        corrections.forEach(correction -> advice.add("%s. Set a value that it accepts.", correction));
        return List.copyOf(advice.sentences);
    }

    private void onLeaks() {
        Map<String, Integer> sites = new HashMap<>();
        Instant from = ledger.takenAt().minus(LATELY);
        Stream.concat(
                        ledger.borrowed().stream(),
                        ledger.recentLeaks().stream()
                                .filter(leak -> !leak.at().isBefore(from))
                                .map(ConnectionLeak::connection))
                .filter(connection -> connection.grade() == BorrowGrade.LEAKED)
                .forEach(connection -> sites.merge(connection.site(), 1, Integer::sum));
        int all = sites.values().stream().mapToInt(Integer::intValue).sum();
        sites.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(site -> add(
                        """
                        %s borrowed %d of the %s found forgotten in the last %s (%d since the start): close what it \
                        borrows there, with try-with-resources.""",
                        site.getKey(),
                        site.getValue(),
                        Words.count(all, "connection"),
                        Words.time(LATELY),
                        ledger.leaks()));
    }

    private void onTimeouts() {
        if (rates.timeouts() > 0) {
            add(
                    "%s waited in vain in the last %s.%s A longer connection-timeout would only let them wait longer.",
                    Words.count(rates.timeouts(), "caller"), Words.time(rates.window()), holders());
        }
    }

    private String holders() {
        return ledger.recentTimeouts().stream()
                .limit(1)
                .flatMap(latest -> latest.holders().stream().limit(1))
                .map(group -> " When the last one gave up, %s had %s, the oldest for %s: look there first."
                        .formatted(group.site(), Words.count(group.count(), "connection"), Words.time(group.oldest())))
                .findFirst()
                .orElse("");
    }

    private void onSecondBorrows() {
        for (SecondBorrow second : ledger.secondBorrowSites()) {
            add(
                    """
                    %s borrowed a second connection %s while its thread held one from %s. Use one connection for \
                    both. Until then n such threads at once need a maximum-pool-size of n + 1: %d is enough for %s.""",
                    second.secondSite(),
                    second.count() == 1 ? "once" : second.count() + " times",
                    second.firstSite(),
                    counts.max(),
                    Words.count(counts.max() - 1L, "thread"));
        }
    }

    private void onIdleTransactions() {
        if (server == null) {
            return;
        }
        List<ServerSession> own =
                server.idleInTransaction().stream().filter(poolSessions()).toList();
        if (own.isEmpty()) {
            return;
        }
        boolean all = server.idleInTransaction().size() < ServerSnapshot.MAX_LISTED;
        ServerSession oldest = own.get(0);
        add(
                """
                %s%s idle in transaction for too long, above all backend %d%s%s: set \
                idle_in_transaction_session_timeout for its role, a little longer than its longest pause, so that the \
                server ends them.""",
                all ? "" : "At least ",
                Words.count(own.size(), "session") + " of this database " + (own.size() == 1 ? "is" : "are"),
                oldest.pid(),
                oldest.applicationName() == null ? "" : " of application " + oldest.applicationName(),
                oldest.inState() == null ? "" : " for " + Words.time(oldest.inState()));
    }

    /** The sessions of this database and, where the pool's own sessions show it, of the pool's role. */
    private Predicate<ServerSession> poolSessions() {
        if (server == null) {
            return session -> false;
        }
        Map<Integer, ServerSession> here = server.sessions();
        Set<String> roles = new HashSet<>();
        if (server.joinable()) {
            for (BorrowedConnection borrow : ledger.borrowed()) {
                ServerSession session = here.get(borrow.backendPid());
                if (session != null && session.user() != null) {
                    roles.add(session.user());
                }
            }
        }
        return session -> here.containsKey(session.pid()) && (roles.isEmpty() || roles.contains(session.user()));
    }

    private void onSize() {
        if (!rates.isEnough()) {
            return;
        }
        if (rates.waiting() >= 1 && rates.takes(counts.max())) {
            add(
                    "%s, and %s callers wait on average: the pool is too small for the load. Hold connections for a shorter time%s.",
                    rates.load(counts.max()), Words.figure(rates.waiting()), size());
        } else if (counts.max() > SMALL
                && rates.watched().compareTo(LONG_TERM) >= 0
                && rates.peakActive() * FAR_TOO_LARGE < counts.max()) {
            add(
                    """
                    %s, and no more than %d were in use at once in the last %s: if that is the usual load, a \
                    maximum-pool-size of %d is enough.""",
                    rates.load(counts.max()),
                    rates.peakActive(),
                    Words.time(rates.watched()),
                    Math.max(SMALL / 2, 2 * rates.peakActive()));
        }
    }

    /** What the load needs, as far as the server has room for it. */
    private String size() {
        int wanted = (int) Math.ceil(rates.offered() * RESERVE);
        if (wanted <= counts.max()) {
            return "";
        }
        if (server == null) {
            return ", or set maximum-pool-size to %d or so, if the server has room".formatted(wanted);
        }
        ServerSessions sessions = server.counts();
        String open =
                "%d of its %d unreserved connections are open".formatted(sessions.connections(), sessions.unreserved());
        int room = counts.total() + Math.max(0, 9 * sessions.unreserved() / 10 - sessions.connections());
        if (room <= counts.max()) {
            return ": the load needs %d connections or so, and the server has no room for more: %s"
                    .formatted(wanted, open);
        }
        return room < wanted
                ? ", and set maximum-pool-size to %d: the load needs %d or so, but the server has no room for more: %s"
                        .formatted(room, wanted, open)
                : ", or set maximum-pool-size to %d or so: the server has room, %s".formatted(wanted, open);
    }

    /** A site is worth a word when most of the time is its, and that is a good part of what the pool can give. */
    private void onSites() {
        if (!rates.isEnough()) {
            return;
        }
        long all = rates.heldByAll().toMillis();
        long window = rates.window().toMillis();
        rates.heldBySite().forEach((site, time) -> {
            long held = time.toMillis();
            if (2 * held > all && 4 * held > window * counts.max()) {
                add(
                        """
                        %s holds %d %% of all connection time, %s of %d connections on average in the last %s: \
                        shorten what it does while it holds one.""",
                        site,
                        100 * held / all,
                        Words.figure((double) held / window),
                        counts.max(),
                        Words.time(rates.window()));
            }
        });
    }

    private void onServer() {
        if (server == null) {
            return;
        }
        ServerSessions sessions = server.counts();
        if (10L * sessions.connections() >= 9L * sessions.unreserved()) {
            add("""
                    %d of the server's %d unreserved connections are open: lower the pools that use it, or raise its \
                    max_connections, before it refuses new ones.""", sessions.connections(), sessions.unreserved());
        }
    }

    private void add(String format, Object... figures) {
        sentences.add(format.formatted(figures));
    }
}
