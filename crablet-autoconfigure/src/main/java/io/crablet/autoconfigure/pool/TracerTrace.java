package io.crablet.autoconfigure.pool;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;

/** The trace of Micrometer Tracing's current span. */
final class TracerTrace implements TraceSource {

    private final Tracer tracer;

    TracerTrace(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public @Nullable String traceId() {
        Span span = tracer.currentSpan();
        return span == null ? null : span.context().traceId();
    }
}
