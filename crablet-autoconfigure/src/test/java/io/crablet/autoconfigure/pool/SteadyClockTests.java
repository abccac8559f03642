package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SteadyClockTests {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void itGoesOnEvenlyWhenTheClockIsSet() {
        AtomicReference<Instant> wall = new AtomicReference<>(START);
        AtomicLong nanos = new AtomicLong(7);
        SteadyClock clock = new SteadyClock(wall::get, nanos::get);
        assertThat(clock.instant()).isEqualTo(START);

        wall.set(START.minus(Duration.ofHours(1)));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(2));
    }
}
