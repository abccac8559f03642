package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerListener;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.postgres.PostgresSessions;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens a ledger for each pool as soon as it is there. Who says what borrowers do, and who is told what the ledgers see, needs
 * beans that come later, so they are {@linkplain #connect connected} when all are there. Thread-safe.
 */
final class Ledgers implements AutoCloseable {

    private final LedgerSettings settings;

    private final List<Kept> ledgers = new CopyOnWriteArrayList<>();

    /** A ledger, the name it was opened under, and its pool. */
    private record Kept(String name, HikariDataSource pool, ConnectionLedger ledger) {}

    /** The names that pools are watched under, by those of their ledgers: a pool may be found through another bean than its own. */
    private final Map<String, String> watchedAs = new ConcurrentHashMap<>();

    private volatile BorrowContext context = BorrowContext.DEFAULT;

    private volatile Function<String, List<LedgerListener>> listenersOfPool = pool -> List.of();

    Ledgers(LedgerSettings settings) {
        this.settings = settings;
    }

    /** Opens the ledger of a pool. Those of pools that have been closed meanwhile are not looked after any more. */
    synchronized ConnectionLedger open(String name, HikariDataSource pool, DataSource lender) {
        closeIf(known -> known.pool().isClosed());
        ConnectionLedger ledger = new ConnectionLedger(
                new HikariLendingPool(name, pool, lender), new PostgresSessions(), new LateContext(), settings);
        ledgers.add(new Kept(name, pool, ledger));
        listenersOfPool.apply(watchedAs.getOrDefault(name, name)).forEach(ledger::addListener);
        ledger.start();
        return ledger;
    }

    /**
     * Says who knows what borrowers do, and who is told what is seen.
     *
     * @param context asked at each borrow
     * @param listenersOfPool gives the listeners of a pool, by the name it is watched under
     * @param pools the pools that are watched, by name
     */
    synchronized void connect(
            BorrowContext context,
            Function<String, List<LedgerListener>> listenersOfPool,
            Map<String, HikariDataSource> pools) {
        this.context = context;
        this.listenersOfPool = listenersOfPool;
        pools.forEach((watched, pool) -> ledgers.stream()
                .filter(known -> known.ledger() == Unwrapping.ledger(pool))
                .forEach(known -> watchedAs.put(known.name(), watched)));
        ledgers.forEach(known -> listenersOfPool
                .apply(watchedAs.getOrDefault(known.name(), known.name()))
                .forEach(known.ledger()::addListener));
    }

    /** Says that the program has forgotten a connection, and that whoever says so returns it now. */
    void forgotten(Connection connection) {
        ledgers.forEach(known -> known.ledger().forgotten(connection));
    }

    @Override
    public void close() {
        closeIf(known -> true);
    }

    private void closeIf(Predicate<Kept> condition) {
        for (Kept known : ledgers) {
            if (condition.test(known)) {
                known.ledger().close();
                ledgers.remove(known);
            }
        }
    }

    private final class LateContext implements BorrowContext {

        @Override
        public @Nullable String operation() {
            return context.operation();
        }

        @Override
        public @Nullable String traceId() {
            return context.traceId();
        }
    }
}
