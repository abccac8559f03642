package io.crablet.autoconfigure.pool;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The request as Spring MVC has it. */
final class MvcConsoleRequest implements ConsoleRequest {

    /** What the page says itself, and that no other page may frame it, which only a header can say. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final RequestRights rights;

    MvcConsoleRequest(RequestRights rights) {
        this.rights = rights;
    }

    @Override
    public boolean mayPost(String path) {
        ServletRequestAttributes current = current();
        return current != null && rights.mayPost(current.getRequest(), path);
    }

    @Override
    public @Nullable CsrfHeader csrf() {
        ServletRequestAttributes current = current();
        return current == null ? null : rights.csrf(current.getRequest());
    }

    @Override
    public void guardAnswer() {
        ServletRequestAttributes current = current();
        HttpServletResponse response = current == null ? null : current.getResponse();
        if (response != null) {
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Content-Type-Options", "nosniff");
            // Beside one that the application has set: both count.
            response.addHeader("Content-Security-Policy", POLICY);
        }
    }

    private static @Nullable ServletRequestAttributes current() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current ? current : null;
    }
}
