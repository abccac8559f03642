package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolWatch;
import io.crablet.pool.ledger.BorrowContext;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks what the program has named itself, and then the sources one after the other. A source that fails knows nothing. */
final class SpringBorrowContext implements BorrowContext {

    private static final Logger logger = LoggerFactory.getLogger(SpringBorrowContext.class);

    private final OperationSource[] operations;

    private final TraceSource[] traces;

    private final AtomicBoolean failed = new AtomicBoolean();

    SpringBorrowContext(List<OperationSource> operations, List<TraceSource> traces) {
        this.operations = operations.toArray(OperationSource[]::new);
        this.traces = traces.toArray(TraceSource[]::new);
    }

    @Override
    public @Nullable String operation() {
        String named = PoolWatch.currentOperation();
        return named == null ? first(operations, OperationSource::operation) : named;
    }

    @Override
    public @Nullable String traceId() {
        return first(traces, TraceSource::traceId);
    }

    private <S> @Nullable String first(S[] sources, Function<S, @Nullable String> question) {
        for (S source : sources) {
            String answer = ask(source, question);
            if (answer != null && !answer.isEmpty()) {
                return answer;
            }
        }
        return null;
    }

    private <S> @Nullable String ask(S source, Function<S, @Nullable String> question) {
        try {
            return question.apply(source);
        } catch (RuntimeException e) {
            if (!failed.getAndSet(true)) {
                logger.debug("What a thread does that borrows a connection could not be found out; not told again", e);
            }
            return null;
        }
    }
}
