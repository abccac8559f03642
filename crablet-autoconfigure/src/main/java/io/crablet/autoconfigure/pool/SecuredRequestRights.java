package io.crablet.autoconfigure.pool;

import io.crablet.autoconfigure.pool.ConsoleRequest.CsrfHeader;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.csrf.CsrfToken;

/**
 * What Spring Security lets the sender of a request do. Its own evaluator of privileges does not know the port that a request has come in
 * by, nor the sender's address, and so may answer otherwise than its filters will; here the filters' rules are asked.
 */
final class SecuredRequestRights implements RequestRights {

    private final ObjectProvider<FilterChainProxy> security;

    SecuredRequestRights(ObjectProvider<FilterChainProxy> security) {
        this.security = security;
    }

    @Override
    public boolean mayPost(HttpServletRequest request, String path) {
        FilterChainProxy proxy = security.getIfAvailable();
        if (proxy == null) {
            return true;
        }
        HttpServletRequest post = new PostRequest(request, path);
        for (SecurityFilterChain chain : proxy.getFilterChains()) {
            if (chain.matches(post)) {
                return chain.getFilters().stream().allMatch(filter -> isGranted(filter, post));
            }
        }
        return true;
    }

    private static boolean isGranted(Filter filter, HttpServletRequest post) {
        if (!(filter instanceof AuthorizationFilter authorization)) {
            return true;
        }
        Authentication sender = SecurityContextHolder.getContext().getAuthentication();
        AuthorizationResult result = authorization.getAuthorizationManager().authorize(() -> sender, post);
        return result == null || result.isGranted();
    }

    @Override
    public @Nullable CsrfHeader csrf(HttpServletRequest request) {
        return request.getAttribute(CsrfToken.class.getName()) instanceof CsrfToken token
                ? new CsrfHeader(token.getHeaderName(), token.getToken())
                : null;
    }
}
