package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;

/** Knows of the request for the console what an endpoint is not told. */
interface ConsoleRequest {

    /**
     * Whether whoever sends it may also send a POST.
     *
     * @param path where to: what follows the paths of the context and the servlet, encoded
     */
    boolean mayPost(String path);

    /** What a POST has to carry to be taken for one that its sender wanted; null if nothing. */
    @Nullable
    CsrfHeader csrf();

    /** Tells the browser what it must not do with the answer. */
    void guardAnswer();

    /**
     * A header.
     *
     * @param header its name
     * @param token its value
     */
    record CsrfHeader(String header, String token) {}
}
