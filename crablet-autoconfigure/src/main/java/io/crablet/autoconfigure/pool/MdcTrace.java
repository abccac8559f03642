package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The trace that the log lines of the thread carry, under the names that tracing libraries use. */
final class MdcTrace implements TraceSource {

    @Override
    public @Nullable String traceId() {
        String id = MDC.get("traceId");
        return id == null ? MDC.get("trace_id") : id;
    }
}
