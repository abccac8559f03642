package io.crablet.pool.ledger;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps a context's failures away from the borrowers: a borrow without a name is better than none. */
final class SafeContext implements BorrowContext {

    private final Guard guard;

    private final Supplier<@Nullable String> operation;

    private final Supplier<@Nullable String> traceId;

    SafeContext(BorrowContext context) {
        this.guard = new Guard(context);
        this.operation = context::operation;
        this.traceId = context::traceId;
    }

    @Override
    public @Nullable String operation() {
        return guard.ask(operation);
    }

    @Override
    public @Nullable String traceId() {
        return guard.ask(traceId);
    }
}
