package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;

/** Knows of the request that a thread serves what an endpoint is not told: which of its arguments come from where. */
interface RequestSource {

    /** What the path says; null if there is no request, or no such variable in its path. */
    @Nullable
    String pathVariable(String name);

    /** Whether there are query parameters. Asked only of a request that has a path variable. */
    boolean hasQuery();
}
