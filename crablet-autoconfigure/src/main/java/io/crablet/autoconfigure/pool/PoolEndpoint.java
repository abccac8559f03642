package io.crablet.autoconfigure.pool;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** Shows the pools and who holds their connections, and steers them where that is allowed. */
@Endpoint(id = "pool", defaultAccess = Access.READ_ONLY)
final class PoolEndpoint {

    /** The name of the parameter that the path gives. Something that nobody sends: some web frameworks would let it replace that. */
    static final String SELECTOR = "selectedPool";

    private final PoolReporter reporter;

    private final PoolOperator operator;

    private final Show showSql;

    PoolEndpoint(PoolReporter reporter, PoolOperator operator, Show showSql) {
        this.reporter = reporter;
        this.operator = operator;
        this.showSql = showSql;
    }

    /**
     * All pools.
     *
     * @param pools by their names
     */
    record Pools(Map<String, PoolReport> pools) implements OperationResponseBody {}

    @ReadOperation
    Pools pools() {
        return reporter.all(showSql.isShown(true));
    }

    @ReadOperation
    PoolReport pool(@Selector String selectedPool) {
        reporter.requirePool(selectedPool);
        return reporter.report(selectedPool, showSql.isShown(true));
    }

    @WriteOperation
    OperationResult operate(
            @Selector String selectedPool,
            @Nullable String operation,
            @Nullable String maximumPoolSize,
            @Nullable String minimumIdle,
            @Nullable String id,
            @Nullable String pid,
            @Nullable String olderThan,
            @Nullable String confirm) {
        Map<String, @Nullable String> arguments = arguments(maximumPoolSize, minimumIdle, id, pid, olderThan, confirm);
        if (!reporter.has(selectedPool)) {
            operator.noSuchPool(selectedPool, operation, arguments, null, reporter.noSuchPool(selectedPool));
        }
        reporter.requirePool(selectedPool);
        return operator.operate(selectedPool, operation, arguments, null);
    }

    static Map<String, @Nullable String> arguments(
            @Nullable String maximumPoolSize,
            @Nullable String minimumIdle,
            @Nullable String id,
            @Nullable String pid,
            @Nullable String olderThan,
            @Nullable String confirm) {
        Map<String, @Nullable String> arguments = new LinkedHashMap<>();
        arguments.put("maximumPoolSize", maximumPoolSize);
        arguments.put("minimumIdle", minimumIdle);
        arguments.put("id", id);
        arguments.put("pid", pid);
        arguments.put("olderThan", olderThan);
        arguments.put("confirm", confirm);
        return arguments;
    }
}
