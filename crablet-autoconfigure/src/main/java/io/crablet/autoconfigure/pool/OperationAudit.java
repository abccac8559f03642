package io.crablet.autoconfigure.pool;

import io.crablet.pool.PoolStatistics;
import io.crablet.pool.SafeText;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/** Tells of each operation, also of those that were refused or made no sense: one line in the log and one audit event. */
final class OperationAudit {

    private static final Logger logger = LoggerFactory.getLogger(OperationAudit.class);

    private static final String ANONYMOUS = "anonymous";

    /** The type of events about operations that there are not. */
    private static final String UNKNOWN = "POOL_OPERATION";

    private final ApplicationEventPublisher publisher;

    OperationAudit(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    /**
     * Tells of one.
     *
     * @param who who wants it, null if that is not known
     * @param wanted the operation, as it was sent; null if none was
     * @param given the arguments as they were sent, null for those that were not
     * @param result what came of it
     */
    void tell(
            @Nullable Principal who,
            @Nullable String wanted,
            Map<String, ? extends @Nullable Object> given,
            OperationResult result) {
        PoolOperation operation = wanted == null ? null : PoolOperation.of(wanted);
        String label = wanted == null ? "none" : SafeText.ofName(wanted);
        String pool = SafeText.ofName(result.pool());
        String principal = principal(who);
        Map<String, String> arguments = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            if (value != null) {
                arguments.put(SafeText.ofName(name), SafeText.ofName(value.toString()));
            }
        });
        logger.atInfo()
                .addKeyValue(PoolStatistics.EVENT, "pool.operation")
                .addKeyValue("pool", pool)
                .addKeyValue("operation", label)
                .addKeyValue("arguments", arguments)
                .addKeyValue("outcome", result.outcome())
                .addKeyValue("principal", principal)
                .log(
                        "Operation {} {} on pool {}, wanted by {}: {}. {}",
                        label,
                        arguments,
                        pool,
                        principal,
                        result.outcome(),
                        result.message());
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("pool", pool);
        data.put("operation", label);
        data.put("arguments", arguments);
        data.put("outcome", result.outcome());
        data.put("message", result.message());
        publisher.publishEvent(
                new AuditApplicationEvent(principal, operation == null ? UNKNOWN : operation.auditType(), data));
    }

    private static String principal(@Nullable Principal principal) {
        String name = principal == null ? null : principal.getName();
        return name == null || name.isBlank() ? ANONYMOUS : name;
    }
}
