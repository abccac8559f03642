package io.crablet.autoconfigure.pool;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.MappingMatch;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as it would be if it were a POST to another path, of the same sender. Attributes do not count: they are of the first path. */
final class PostRequest extends HttpServletRequestWrapper {

    /** That of the servlet, which for one that serves everything is none. */
    private final String prefix;

    private final String path;

    private final Map<String, Object> attributes = new HashMap<>();

    /**
     * Makes it.
     *
     * @param request a request to the same servlet
     * @param path what follows the paths of the context and the servlet, encoded
     */
    PostRequest(HttpServletRequest request, String path) {
        super(request);
        boolean hasPath = request.getHttpServletMapping().getMappingMatch() == MappingMatch.PATH;
        this.prefix = hasPath ? request.getServletPath() : "";
        this.path = path;
    }

    @Override
    public String getMethod() {
        return "POST";
    }

    @Override
    public String getRequestURI() {
        return getContextPath() + prefix + path;
    }

    @Override
    public StringBuffer getRequestURL() {
        StringBuffer url = super.getRequestURL();
        return url.replace(url.length() - super.getRequestURI().length(), url.length(), getRequestURI());
    }

    @Override
    public String getServletPath() {
        return prefix.isEmpty() ? path : prefix;
    }

    @Override
    public @Nullable String getPathInfo() {
        return prefix.isEmpty() ? null : path;
    }

    @Override
    public @Nullable String getQueryString() {
        return null;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return attributes.get(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        return Collections.enumeration(attributes.keySet());
    }

    @Override
    public void setAttribute(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public void removeAttribute(String name) {
        attributes.remove(name);
    }
}
