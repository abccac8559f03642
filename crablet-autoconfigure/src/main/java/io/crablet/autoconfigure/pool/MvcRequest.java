package io.crablet.autoconfigure.pool;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.HandlerMapping;

/** The request as Spring MVC has it. For endpoints it lets a query parameter replace what the body says, and both what the path says. */
final class MvcRequest implements RequestSource {

    @Override
    public @Nullable String pathVariable(String name) {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                        && attributes.getAttribute(
                                        HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE,
                                        ServletRequestAttributes.SCOPE_REQUEST)
                                instanceof Map<?, ?> variables
                        && variables.get(name) instanceof String value
                ? value
                : null;
    }

    @Override
    public boolean hasQuery() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                && !attributes.getRequest().getParameterMap().isEmpty();
    }
}
