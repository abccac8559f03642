package io.crablet.autoconfigure.pool;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Refuses arguments that no operation on a pool knows, and those that stand where they may not. Spring Boot passes over them, and so
 * half of what an operator wants would be done because of a typing error in the other half, or all of it to another pool; and who
 * may read one path would read another.
 */
final class ForeignArgumentsAdvisor implements OperationInvokerAdvisor {

    private static final Set<EndpointId> ENDPOINTS = Set.of(EndpointId.of("pool"), EndpointId.of("poolconsole"));

    private final @Nullable RequestSource request;

    private final OperationAudit audit;

    /**
     * Makes the advisor.
     *
     * @param request knows the request; null where nobody does
     * @param audit tells of what is refused
     */
    ForeignArgumentsAdvisor(@Nullable RequestSource request, OperationAudit audit) {
        this.request = request;
        this.audit = audit;
    }

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        if (!ENDPOINTS.contains(endpoint)) {
            return invoker;
        }
        // Others are Spring Boot's to give, such as who has logged in.
        Set<String> known = parameters.stream()
                .filter(parameter -> parameter.getType() == String.class)
                .map(OperationParameter::getName)
                .collect(Collectors.toSet());
        return context -> {
            for (String name : known) {
                String inPath = request == null ? null : request.pathVariable(name);
                if (inPath != null && !inPath.equals(context.getArguments().get(name))) {
                    return refusal(context, type, inPath, "The path says it: \"%s\" cannot be given.".formatted(name));
                }
            }
            if (type != OperationType.WRITE) {
                return invoker.invoke(context);
            }
            String given = String.valueOf(context.getArguments().get(PoolEndpoint.SELECTOR));
            String objection =
                    request != null && request.pathVariable(PoolEndpoint.SELECTOR) != null && request.hasQuery()
                            ? "The JSON body says what to do; query parameters cannot be given."
                            : foreign(context, known);
            return objection == null ? invoker.invoke(context) : refusal(context, type, given, objection);
        };
    }

    private static @Nullable String foreign(InvocationContext context, Set<String> known) {
        Set<String> foreign = new TreeSet<>(context.getArguments().keySet());
        foreign.removeAll(known);
        return foreign.isEmpty()
                ? null
                : "No operation takes %s; they take %s."
                        .formatted(OperationArguments.shown(foreign.iterator().next()), PoolOperation.argumentNames());
    }

    private WebEndpointResponse<OperationResult> refusal(
            InvocationContext context, OperationType type, String pool, String objection) {
        OperationResult result = OperationResult.invalid(pool, OperationArguments.invalid(objection));
        if (type == OperationType.WRITE) {
            Map<String, Object> arguments = new LinkedHashMap<>(context.getArguments());
            Object operation = arguments.remove("operation");
            arguments.remove(PoolEndpoint.SELECTOR, pool);
            SecurityContext security = context.resolveArgument(SecurityContext.class);
            audit.tell(
                    security == null ? null : security.getPrincipal(),
                    operation == null ? null : operation.toString(),
                    arguments,
                    result);
        }
        return new WebEndpointResponse<>(result, result.status());
    }
}
