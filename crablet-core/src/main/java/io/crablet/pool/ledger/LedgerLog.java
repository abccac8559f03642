package io.crablet.pool.ledger;

import io.crablet.pool.BorrowGrade;
import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.pool.PoolStatistics;
import io.crablet.pool.SecondBorrow;
import io.crablet.pool.Sites;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs what the ledger of a pool sees: a sentence each, and the same as keys and values, of which {@code event.action} says what it is. Of
 * one event at one line of code at most ten are logged in ten seconds, and of timeouts one; the next one then says how many
 * were not. Thread-safe.
 */
public final class LedgerLog implements LedgerListener {

    private static final Logger logger = LoggerFactory.getLogger(LedgerLog.class);

    private static final String CLOSE_IT = "Close it there, with try-with-resources.";

    private final String pool;

    private final Function<BorrowedConnection, @Nullable String> verdict;

    private final boolean reclaimsLeaked;

    private final Throttle bySite = new Throttle(10);

    private final Throttle timeouts = new Throttle(1);

    /**
     * Makes the log of one pool.
     *
     * @param pool the pool's name
     * @param verdict says in a sentence why a connection has not come back; null if it cannot say
     * @param reclaimsLeaked whether leaked connections are taken back: they are then told of once, after that
     */
    public LedgerLog(String pool, Function<BorrowedConnection, @Nullable String> verdict, boolean reclaimsLeaked) {
        this.pool = pool;
        this.verdict = verdict;
        this.reclaimsLeaked = reclaimsLeaked;
    }

    @Override
    public void suspected(BorrowedConnection connection) {
        LoggingEventBuilder event = event("pool.suspect", connection);
        if (event != null) {
            String why = verdict(connection);
            with(event, "verdict", why)
                    .log(
                            "Pool {}: a connection is held for {} now, {}.{}",
                            pool,
                            Timeouts.seconds(connection.held()),
                            origin(connection),
                            why == null ? "" : " " + why);
        }
    }

    @Override
    public void leaked(BorrowedConnection connection) {
        LoggingEventBuilder event = reclaimsLeaked ? null : event("pool.leak", connection);
        if (event != null) {
            event.log(
                    "Pool {}: nobody can return a connection any more, held for {}, {}. It stays lost, as reclaim-leaked is off. {}",
                    pool,
                    Timeouts.seconds(connection.held()),
                    origin(connection),
                    CLOSE_IT);
        }
    }

    @Override
    public void reclaimed(ConnectionLeak leak) {
        BorrowedConnection connection = leak.connection();
        boolean forgotten = connection.grade() == BorrowGrade.LEAKED;
        LoggingEventBuilder event = event(forgotten ? "pool.leak-reclaimed" : "pool.evicted", connection);
        if (event == null) {
            return;
        }
        event.addKeyValue("outcome", leak.outcome().name().toLowerCase(Locale.ROOT));
        if (forgotten) {
            event.log(
                    "Pool {}: a connection that nobody could return any more was taken back after {} and {}, {}. {}",
                    pool,
                    Timeouts.seconds(connection.held()),
                    leak.outcome() == Outcome.RETURNED ? "is in the pool again" : "was closed",
                    origin(connection),
                    CLOSE_IT);
        } else {
            event.log(
                    "Pool {}: a connection was taken from its borrower after {} and closed, {}. What was not committed is undone.",
                    pool,
                    Timeouts.seconds(connection.held()),
                    origin(connection));
        }
    }

    @Override
    public void overdue(BorrowedConnection connection) {
        LoggingEventBuilder event = event("pool.overdue", connection);
        if (event != null) {
            event.log(
                    "Pool {}: a connection is overdue after {} and will be taken back unless it is used, {}.",
                    pool,
                    Timeouts.seconds(connection.held()),
                    origin(connection));
        }
    }

    @Override
    public void timedOut(BorrowTimeout timeout) {
        OptionalLong before = timeouts.admit("timeout", System.nanoTime());
        if (before.isPresent()) {
            String site = Sites.first(timeout.frames());
            String holders = Timeouts.text(timeout.holders());
            LoggingEventBuilder event = event("pool.timeout", before.getAsLong());
            borrower(event, timeout.thread(), timeout.operation(), timeout.traceId(), site)
                    .addKeyValue("waitedMs", timeout.waited().toMillis())
                    .addKeyValue("holders", holders)
                    .log(
                            "Pool {}: nobody returned a connection in {} of waiting, {}. Held by: {}.{}",
                            pool,
                            Timeouts.seconds(timeout.waited()),
                            origin("asked for", timeout.thread(), timeout.operation(), site),
                            holders.isEmpty() ? "nobody that is known" : holders,
                            before.getAsLong() == 0
                                    ? ""
                                    : " " + before.getAsLong() + " more waited in vain since the last such line.");
        }
    }

    @Override
    public void borrowedSecond(SecondBorrow sites) {
        if (sites.count() == 1) {
            event("pool.second-borrow", 0)
                    .addKeyValue("firstSite", sites.firstSite())
                    .addKeyValue("secondSite", sites.secondSite())
                    .log(
                            "Pool {}: a thread that holds a connection, borrowed at {}, asks for another at {}. With enough such threads all wait"
                                    + " for each other: use the first connection for both, or return it before.",
                            pool,
                            sites.firstSite(),
                            sites.secondSite());
        }
    }

    /** Begins an event about a connection; null if there have been too many of them. */
    private @Nullable LoggingEventBuilder event(String name, BorrowedConnection connection) {
        OptionalLong before = bySite.admit(name + " " + connection.site(), System.nanoTime());
        if (before.isEmpty()) {
            return null;
        }
        LoggingEventBuilder event = borrower(
                        event(name, before.getAsLong()),
                        connection.thread(),
                        connection.operation(),
                        connection.traceId(),
                        connection.site())
                .addKeyValue("heldMs", connection.held().toMillis())
                .addKeyValue("idleMs", connection.idle().toMillis());
        return connection.backendPid() == 0 ? event : event.addKeyValue("backendPid", connection.backendPid());
    }

    private LoggingEventBuilder event(String name, long suppressed) {
        LoggingEventBuilder event =
                logger.atWarn().addKeyValue(PoolStatistics.EVENT, name).addKeyValue("pool", pool);
        return suppressed == 0 ? event : event.addKeyValue("suppressed", suppressed);
    }

    private static LoggingEventBuilder borrower(
            LoggingEventBuilder event,
            String thread,
            @Nullable String operation,
            @Nullable String traceId,
            String site) {
        event.addKeyValue("borrower", thread);
        with(event, "operation", operation);
        with(event, "traceId", traceId);
        return event.addKeyValue("site", site);
    }

    private static LoggingEventBuilder with(LoggingEventBuilder event, String key, @Nullable String value) {
        return value == null ? event : event.addKeyValue(key, value);
    }

    private static String origin(BorrowedConnection connection) {
        return origin("borrowed", connection.thread(), connection.operation(), connection.site());
    }

    private static String origin(String how, String thread, @Nullable String operation, String site) {
        return how + " by thread " + thread + (operation == null ? "" : ", in operation " + operation + ",") + " at "
                + site;
    }

    private @Nullable String verdict(BorrowedConnection connection) {
        try {
            return verdict.apply(connection);
        } catch (RuntimeException e) {
            logger.debug("There is no verdict on a connection of pool {}", pool, e);
            return null;
        }
    }
}
