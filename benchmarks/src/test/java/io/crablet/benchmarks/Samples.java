package io.crablet.benchmarks;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Results to write about. */
final class Samples {

    private Samples() {}

    static Results results() {
        return new Results(
                new Environment(
                        Instant.parse("2026-11-23T10:00:00Z"),
                        Scale.FULL,
                        Map.of("cores", "2"),
                        Map.of("JDK", "17"),
                        Map.of("fsync", "on")),
                Map.of("append", List.of("absent", "one by one")),
                List.of(
                        figure("crablet", "1", 1_000, 1_200, 1_100),
                        figure("one by one", "1", 1_000),
                        figure("crablet", "8", 6_000),
                        figure("one by one", "8", 2_000),
                        figure("crablet", "64", 24_690),
                        figure("ceiling", "64", 60_000)),
                List.of(
                        new Target("append", "twice as fast", 3, 2, true, Map.of("callers", "8")),
                        new Target("append", "added latency", 1.2, 1.05, false, Map.of())),
                List.of(new Failure("decide", "it broke")));
    }

    private static Figure figure(String subject, String callers, double... values) {
        return new Figure(
                "append",
                "conditional append",
                subject,
                Map.of("callers", callers),
                "events/s",
                Arrays.stream(values).boxed().toList(),
                Map.of("p99", 12.34));
    }
}
