package io.crablet.autoconfigure.pool;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The endpoint over HTTP: SQL is for those who may see it, and what goes wrong has a status and a body that says why. Spring Boot
 * does not show the message of an invalid request unless it is told to.
 */
@EndpointWebExtension(endpoint = PoolEndpoint.class)
final class PoolEndpointWebExtension {

    private final PoolReporter reporter;

    private final PoolOperator operator;

    private final Show showSql;

    PoolEndpointWebExtension(PoolReporter reporter, PoolOperator operator, Show showSql) {
        this.reporter = reporter;
        this.operator = operator;
        this.showSql = showSql;
    }

    /**
     * What there is to say when a pool is not there.
     *
     * @param message a sentence with the names of those that are
     */
    record NoSuchPool(String message) implements OperationResponseBody {}

    @ReadOperation
    PoolEndpoint.Pools pools(SecurityContext security) {
        return reporter.all(showSql.isShown(security, Set.of()));
    }

    @ReadOperation
    WebEndpointResponse<OperationResponseBody> pool(@Selector String selectedPool, SecurityContext security) {
        return reporter.has(selectedPool)
                ? new WebEndpointResponse<>(reporter.report(selectedPool, showSql.isShown(security, Set.of())))
                : notFound(selectedPool);
    }

    @WriteOperation
    WebEndpointResponse<OperationResponseBody> operate(
            @Selector String selectedPool,
            @Nullable String operation,
            @Nullable String maximumPoolSize,
            @Nullable String minimumIdle,
            @Nullable String id,
            @Nullable String pid,
            @Nullable String olderThan,
            @Nullable String confirm,
            SecurityContext security) {
        Map<String, @Nullable String> arguments =
                PoolEndpoint.arguments(maximumPoolSize, minimumIdle, id, pid, olderThan, confirm);
        if (!reporter.has(selectedPool)) {
            operator.noSuchPool(
                    selectedPool, operation, arguments, security.getPrincipal(), reporter.noSuchPool(selectedPool));
            return notFound(selectedPool);
        }
        OperationResult result;
        try {
            result = operator.operate(selectedPool, operation, arguments, security.getPrincipal());
        } catch (InvalidEndpointRequestException e) {
            result = OperationResult.invalid(selectedPool, e);
        }
        return new WebEndpointResponse<>(result, result.status());
    }

    private WebEndpointResponse<OperationResponseBody> notFound(String name) {
        return new WebEndpointResponse<>(
                new NoSuchPool(reporter.noSuchPool(name)), WebEndpointResponse.STATUS_NOT_FOUND);
    }
}
