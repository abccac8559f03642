package io.crablet.pool.ledger;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the failures of what is plugged into a ledger away from the borrowers. The first of each is a warning, the others are for
 * who looks closer: they may come with every borrow. Only what the JVM itself has run out of goes on, to whoever called.
 */
final class Guard {

    private static final Logger logger = LoggerFactory.getLogger(Guard.class);

    private final Object guarded;

    private final AtomicBoolean warned = new AtomicBoolean();

    Guard(Object guarded) {
        this.guarded = guarded;
    }

    void tell(Runnable news) {
        try {
            news.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** It has failed. Where each borrow comes along, this costs less than a lambda. */
    void failed(Throwable failure) {
        if (failure instanceof VirtualMachineError e) {
            throw e;
        }
        if (warned.compareAndSet(false, true)) {
            logger.warn(
                    "{} of a pool's ledger has failed; the ledger goes on without it, further failures are logged at debug",
                    guarded.getClass().getName(),
                    failure);
        } else {
            logger.debug("{} of a pool's ledger has failed", guarded.getClass().getName(), failure);
        }
    }
}
