package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.ConnectionLedger;
import org.springframework.boot.autoconfigure.preinitialize.BackgroundPreinitializer;

/**
 * Has the classes ready that stand in for a pool with a ledger, and for what it lends, by the time that there is a pool. Generating them
 * costs more than any other step of the starter, and meanwhile the main thread has the application's configuration to read.
 *
 * <p>Names no class that an application may do without: Spring Boot makes an instance in any case, and goes on when the rest fails.
 */
final class PoolBackgroundPreinitializer implements BackgroundPreinitializer {

    @Override
    public void preinitialize() {
        LedgerProxy.aroundNoPool();
        ConnectionLedger.prepare();
    }
}
