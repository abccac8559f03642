package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolCounts;
import io.crablet.pool.postgres.SessionSignal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What came of an operation.
 *
 * @param operation its name; null if the request is not valid
 * @param pool the pool's name
 * @param outcome what came of it, in a word
 * @param message a sentence or two: what was done and whom it affects, or why it was not and what to do
 * @param before the pool's counters before it; null if it does not change them
 * @param after the pool's counters after it; null likewise
 * @param sessions what came of each session that it was about; null if it was about none
 */
record OperationResult(
        @Nullable String operation,
        String pool,
        String outcome,
        String message,
        @Nullable PoolCounts before,
        @Nullable PoolCounts after,
        @Nullable List<SessionSignal> sessions)
        implements OperationResponseBody {

    /** It was done. */
    static final String DONE = "done";

    /** Nothing was done, for a reason. */
    static final String REFUSED = "refused";

    /** The server did not answer, so whether it was done may not be known. */
    static final String FAILED = "failed";

    /** The request makes no sense. */
    static final String INVALID = "invalid";

    static OperationResult of(PoolOperation operation, String pool, String outcome, String message) {
        return new OperationResult(operation.label(), pool, outcome, message, null, null, null);
    }

    static OperationResult invalid(String pool, InvalidEndpointRequestException why) {
        String message = Objects.requireNonNullElse(why.getMessage(), "The request makes no sense.");
        return new OperationResult(null, pool, INVALID, message, null, null, null);
    }

    /** It may have been done, but something is wrong with the program. */
    static OperationResult failed(String pool, RuntimeException why) {
        return new OperationResult(
                null, pool, FAILED, "It ended with " + why.getClass().getName() + ".", null, null, null);
    }

    OperationResult withCounts(PoolCounts countsBefore, PoolCounts countsAfter) {
        return new OperationResult(operation, pool, outcome, message, countsBefore, countsAfter, sessions);
    }

    OperationResult withSessions(List<SessionSignal> signals) {
        return new OperationResult(operation, pool, outcome, message, before, after, List.copyOf(signals));
    }

    /** The status of the answer over HTTP. */
    int status() {
        return switch (outcome) {
            case DONE -> 200;
            case REFUSED -> 409;
            case FAILED -> 503;
            default -> 400;
        };
    }
}
