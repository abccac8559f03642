package io.crablet.pool.ledger;

import io.crablet.pool.PoolWatch;
import org.jspecify.annotations.Nullable;

/**
 * Says what the calling thread does. Asked at each borrow, so it has to be quick. What it throws is logged and taken for no answer.
 * Thread-safe.
 */
public interface BorrowContext {

    /** Knows only what {@link PoolWatch#operation} was told. */
    BorrowContext DEFAULT = new BorrowContext() {};

    /**
     * What the calling thread does, in a name that is one of few. Asked when a connection is borrowed and, as long as
     * there was no answer, again when it is used: a transaction may get its name after it has got its connection.
     *
     * @return the name, null if nothing says it
     */
    default @Nullable String operation() {
        return PoolWatch.currentOperation();
    }

    /**
     * The trace that the calling thread works for.
     *
     * @return its id, null if there is none
     */
    default @Nullable String traceId() {
        return null;
    }
}
