package io.crablet.pool.ledger;

import org.jspecify.annotations.Nullable;

/** Keeps a context's failures away from the borrowers: a borrow without a name is better than none. */
final class SafeContext implements BorrowContext {

    private final BorrowContext context;

    private final Guard guard;

    SafeContext(BorrowContext context) {
        this.context = context;
        this.guard = new Guard(context);
    }

    @Override
    public @Nullable String operation() {
        try {
            return context.operation();
        } catch (Throwable e) {
            guard.failed(e);
            return null;
        }
    }

    @Override
    public @Nullable String traceId() {
        try {
            return context.traceId();
        } catch (Throwable e) {
            guard.failed(e);
            return null;
        }
    }
}
