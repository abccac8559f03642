package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/** Tells of each operation, also of those that were refused: one line in the log and one audit event. */
final class OperationAudit {

    private static final Logger logger = LoggerFactory.getLogger(OperationAudit.class);

    private final ApplicationEventPublisher publisher;

    OperationAudit(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    void tell(String principal, OperationArguments arguments, OperationResult result) {
        PoolOperation operation = arguments.operation();
        logger.atInfo()
                .addKeyValue(PoolStatistics.EVENT, "pool.operation")
                .addKeyValue("pool", result.pool())
                .addKeyValue("operation", operation.label())
                .addKeyValue("arguments", arguments.given())
                .addKeyValue("outcome", result.outcome())
                .addKeyValue("principal", principal)
                .log(
                        "Operation {} {} on pool {}, wanted by {}: {}. {}",
                        operation.label(),
                        arguments.given(),
                        result.pool(),
                        principal,
                        result.outcome(),
                        result.message());
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("pool", result.pool());
        data.put("operation", operation.label());
        data.put("arguments", arguments.given());
        data.put("outcome", result.outcome());
        data.put("message", result.message());
        publisher.publishEvent(new AuditApplicationEvent(principal, operation.auditType(), data));
    }
}
