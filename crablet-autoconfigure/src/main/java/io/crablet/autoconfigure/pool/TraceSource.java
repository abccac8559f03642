package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;

/** One of those that may know which trace the calling thread works for. */
@FunctionalInterface
interface TraceSource {

    /** The trace's id, null if this one does not know. */
    @Nullable
    String traceId();
}
