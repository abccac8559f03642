package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.BorrowContext;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/** Connects the ledgers with those who know what borrowers do and those who want to be told, once all beans are there. */
final class LedgerConnector implements SmartInitializingSingleton {

    private final Ledgers ledgers;

    private final ObjectProvider<BorrowContext> context;

    private final ObjectProvider<LedgerListeners> listeners;

    private final DataSources dataSources;

    LedgerConnector(
            Ledgers ledgers,
            ObjectProvider<BorrowContext> context,
            ObjectProvider<LedgerListeners> listeners,
            DataSources dataSources) {
        this.ledgers = ledgers;
        this.dataSources = dataSources;
        this.context = context;
        this.listeners = listeners;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<LedgerListeners> all = listeners.orderedStream().toList();
        ledgers.connect(
                context.getIfAvailable(() -> BorrowContext.DEFAULT),
                pool -> all.stream().map(some -> some.of(pool)).toList(),
                dataSources.pools());
    }
}
