package io.crablet.autoconfigure.pool;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.InvocationContext;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Refuses arguments that no operation on a pool knows. Spring Boot passes over them, and so half of what an operator wants would be
 * done because of a typing error in the other half.
 */
final class ForeignArgumentsAdvisor implements OperationInvokerAdvisor {

    private static final EndpointId POOL = EndpointId.of("pool");

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        if (!endpoint.equals(POOL) || type != OperationType.WRITE) {
            return invoker;
        }
        Set<String> known = parameters.stream().map(OperationParameter::getName).collect(Collectors.toSet());
        return context -> {
            Set<String> foreign = new TreeSet<>(context.getArguments().keySet());
            foreign.removeAll(known);
            return foreign.isEmpty()
                    ? invoker.invoke(context)
                    : refusal(context, foreign.iterator().next());
        };
    }

    private static WebEndpointResponse<OperationResult> refusal(InvocationContext context, String foreign) {
        String message = "No operation takes %s; they take %s."
                .formatted(OperationArguments.shown(foreign), PoolOperation.argumentNames());
        OperationResult result = OperationResult.invalid(
                String.valueOf(context.getArguments().get("name")), OperationArguments.invalid(message));
        return new WebEndpointResponse<>(result, result.status());
    }
}
