package io.crablet.autoconfigure.pool;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.HandlerMapping;

/** The method and the route of the HTTP request, such as {@code GET /courses/{id}}: not known before the handler is chosen. */
final class HttpRoute implements OperationSource {

    /** A client may send any other word as the method, and so would make names without end. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

    @Override
    public @Nullable String operation() {
        // Not that of a request which is over, and whose object may serve another by now: asking its attributes would
        // fail.
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                        && attributes.getAttribute(
                                        HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE,
                                        ServletRequestAttributes.SCOPE_REQUEST)
                                instanceof String pattern
                ? method(attributes.getRequest().getMethod()) + " " + pattern
                : null;
    }

    private static String method(String sent) {
        return METHODS.contains(sent) ? sent : "UNKNOWN";
    }
}
