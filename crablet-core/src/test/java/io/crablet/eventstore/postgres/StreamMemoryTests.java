package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A million events pass through a JVM that has not the memory to hold them. */
@ExtendWith(PostgresExtension.class)
class StreamMemoryTests {

    private static final int EVENTS = 1_000_000;

    private final TestLog log;

    StreamMemoryTests(TestDatabase database) {
        log = new TestLog(database);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private ChildJvm consumer(String how) throws IOException {
        return ChildJvm.start(
                "-Xmx64m -XX:+ExitOnOutOfMemoryError",
                CountingConsumer.class,
                log.database().jdbcUrl(),
                log.role(),
                TestLog.PASSWORD,
                log.schema(),
                how);
    }

    @Test
    void aMillionEventsPassThroughAHeapOf64Megabytes() throws IOException {
        log.execute(
                """
                insert into crablet_events
                select n, 'Type' || n %% 10, array['key:' || n %% 1000], json_build_object('number', n, 'text', repeat('x', 50)),
                    '{}', clock_timestamp()
                from generate_series(1, %d) n
                """.formatted(EVENTS),
                "insert into crablet_event_tags select unnest(tags), position from crablet_events",
                "analyze crablet_events",
                "analyze crablet_event_tags");

        for (String mode : List.of("PAGED", "CURSOR")) {
            try (ChildJvm consumer = consumer(mode)) {
                assertThat(consumer.output()).as(mode).containsExactly("events " + EVENTS);
            }
        }
        try (ChildJvm consumer = consumer("LIST")) {
            assertThat(consumer.exitValue())
                    .as("the heap is too small to hold them all")
                    .isNotZero();
        }
    }

    @Test
    void theLargestEventsPassThroughAHeapOf64Megabytes() throws IOException {
        log.execute("""
                insert into crablet_events
                select n, 'Large', '{}', to_json(repeat('x', 999000)), '{}', clock_timestamp() from generate_series(1, 200) n
                """);
        for (String mode : List.of("PAGED", "CURSOR")) {
            try (ChildJvm consumer = consumer(mode)) {
                assertThat(consumer.output()).as(mode).containsExactly("events 200");
            }
        }
    }
}
