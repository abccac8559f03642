package io.crablet.autoconfigure.pool;

import io.crablet.autoconfigure.pool.ConsoleRequest.CsrfHeader;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Knows what the sender of a request may do. */
interface RequestRights {

    /** Where nobody decides that: everything. */
    RequestRights ALL = new RequestRights() {

        @Override
        public boolean mayPost(HttpServletRequest request, String path) {
            return true;
        }

        @Override
        public @Nullable CsrfHeader csrf(HttpServletRequest request) {
            return null;
        }
    };

    /**
     * Whether the sender of a request may also send a POST.
     *
     * @param request the request
     * @param path where to: what follows the paths of the context and the servlet, encoded
     */
    boolean mayPost(HttpServletRequest request, String path);

    /** What a POST of the same sender has to carry; null if nothing. */
    @Nullable
    CsrfHeader csrf(HttpServletRequest request);
}
