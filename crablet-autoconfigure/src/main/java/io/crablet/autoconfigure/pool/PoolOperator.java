package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolPhase;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/** Does what an operator wants of a pool, and sees to it that it is told. */
final class PoolOperator {

    /** Below that, sessions that are between two statements of a healthy transaction would be ended too. */
    private static final Duration SHORTEST_IDLE = Duration.ofSeconds(1);

    private final WatchedPools pools;

    private final PoolResize resize;

    private final OperationAudit audit;

    PoolOperator(WatchedPools pools, PoolResize resize, OperationAudit audit) {
        this.pools = pools;
        this.resize = resize;
        this.audit = audit;
    }

    /**
     * Does it.
     *
     * @param name a pool that there is
     * @param operationName what to do
     * @param given the arguments by their names, null for those that were not given
     * @param principal who wants it, null if that is not known
     * @throws InvalidEndpointRequestException if the request makes no sense; it says why
     */
    OperationResult operate(
            String name,
            @Nullable String operationName,
            Map<String, @Nullable String> given,
            @Nullable Principal principal) {
        try {
            OperationArguments arguments = new OperationArguments(operation(operationName), given);
            OperationResult result = perform(pools.operated(name), arguments);
            audit.tell(principal, operationName, given, result);
            return result;
        } catch (InvalidEndpointRequestException e) {
            audit.tell(principal, operationName, given, OperationResult.invalid(name, e));
            throw e;
        } catch (RuntimeException e) {
            audit.tell(principal, operationName, given, OperationResult.failed(name, e));
            throw e;
        }
    }

    /** Tells that somebody wants something of a pool that there is not. */
    void noSuchPool(
            String name,
            @Nullable String operationName,
            Map<String, @Nullable String> given,
            @Nullable Principal principal,
            String message) {
        audit.tell(principal, operationName, given, OperationResult.invalid(name, OperationArguments.invalid(message)));
    }

    private static PoolOperation operation(@Nullable String name) {
        if (name == null) {
            throw OperationArguments.invalid("\"operation\" is missing; it is one of " + PoolOperation.labels() + ".");
        }
        PoolOperation operation = PoolOperation.of(name);
        if (operation == null) {
            throw OperationArguments.invalid("There is no operation %s; there are %s."
                    .formatted(OperationArguments.shown(name), PoolOperation.labels()));
        }
        return operation;
    }

    private OperationResult perform(OperatedPool pool, OperationArguments arguments) {
        PoolOperation operation = arguments.operation();
        HikariOperations connections = new HikariOperations(pool, operation);
        SessionOperations sessions = new SessionOperations(pool, operation, pools.isRunning());
        PoolPhase phase = pool.gauge().phase();
        if (phase == PoolPhase.CLOSED || phase == PoolPhase.NOT_STARTED) {
            String why = phase == PoolPhase.CLOSED ? "is closed" : "has not started";
            return OperationResult.of(
                    operation,
                    pool.name(),
                    OperationResult.REFUSED,
                    "Pool %s %s: there is nothing to operate on.".formatted(pool.name(), why));
        }
        return switch (operation) {
            case EVICT_IDLE -> connections.evictIdle();
            case RESIZE -> resize.resize(pool, arguments);
            case RECLAIM -> connections.reclaim(arguments.id("id"));
            case CANCEL -> sessions.cancel(arguments.number("pid", 1));
            case TERMINATE -> sessions.terminate(arguments.number("pid", 1));
            case TERMINATE_IDLE_IN_TRANSACTION ->
                sessions.terminateIdleInTransaction(arguments.duration("olderThan", SHORTEST_IDLE));
            case RESET -> reset(connections, pool.name(), arguments.text("confirm"));
            case SUSPEND -> connections.suspend();
            case RESUME -> connections.resume();
        };
    }

    private static OperationResult reset(HikariOperations connections, String pool, String confirmed) {
        if (!confirmed.equals(pool)) {
            throw OperationArguments.invalid(
                    "reset takes every connection from its borrower; \"confirm\" has to be the name of the pool, %s."
                            .formatted(pool));
        }
        return connections.reset();
    }
}
