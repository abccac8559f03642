package io.crablet.autoconfigure.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** A clock for measuring: it begins with the right time and goes on evenly, also when somebody sets the machine's clock. */
final class SteadyClock implements InstantSource {

    private final Instant start;

    private final LongSupplier nanos;

    private final long startNanos;

    SteadyClock(InstantSource begin, LongSupplier nanos) {
        this.start = begin.instant();
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        return start.plus(Duration.ofNanos(nanos.getAsLong() - startNanos));
    }
}
