package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerListener;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.ledger.LendingPool;
import io.crablet.pool.postgres.PostgresSessions;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens a ledger for each pool as soon as it is there. Who says what borrowers do, and who is told what the ledgers see, needs
 * beans that come later, so they are {@linkplain #connect connected} when all are there. Thread-safe.
 */
final class Ledgers implements AutoCloseable {

    private final LedgerSettings settings;

    private final Map<String, ConnectionLedger> ledgers = new ConcurrentHashMap<>();

    private volatile BorrowContext context = BorrowContext.DEFAULT;

    private volatile Function<String, List<LedgerListener>> listenersOfPool = pool -> List.of();

    Ledgers(LedgerSettings settings) {
        this.settings = settings;
    }

    /** Opens the ledger of a pool; an earlier pool of this name is not looked after any more. */
    synchronized ConnectionLedger open(LendingPool pool) {
        ConnectionLedger ledger = new ConnectionLedger(pool, new PostgresSessions(), new LateContext(), settings);
        listenersOfPool.apply(pool.name()).forEach(ledger::addListener);
        ConnectionLedger before = ledgers.put(pool.name(), ledger);
        if (before != null) {
            before.close();
        }
        ledger.start();
        return ledger;
    }

    /**
     * Says who knows what borrowers do, and who is told what is seen.
     *
     * @param context asked at each borrow
     * @param listenersOfPool gives the listeners of a pool, by its name
     */
    synchronized void connect(BorrowContext context, Function<String, List<LedgerListener>> listenersOfPool) {
        this.context = context;
        this.listenersOfPool = listenersOfPool;
        ledgers.forEach((pool, ledger) -> listenersOfPool.apply(pool).forEach(ledger::addListener));
    }

    /** Says that the program has forgotten a connection, and that whoever says so returns it now. */
    void forgotten(Connection connection) {
        ledgers.values().forEach(ledger -> ledger.forgotten(connection));
    }

    @Override
    public void close() {
        ledgers.values().forEach(ConnectionLedger::close);
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
