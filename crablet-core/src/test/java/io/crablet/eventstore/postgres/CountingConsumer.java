package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The program of {@link StreamMemoryTests}: reads a whole log and prints how many events it has. */
final class CountingConsumer {

    private CountingConsumer() {}

    public static void main(String[] arguments) {
        EventStore store = PostgresEventStore.builder(
                        new DriverManagerDataSource(arguments[0], arguments[1], arguments[2]))
                .schema(arguments[3])
                .readTimeout(Duration.ofMinutes(2))
                .build();
        System.out.println("events " + count(store, arguments[4]));
    }

    private static long count(EventStore store, String how) {
        if (how.equals("LIST")) {
            return store.read(Query.all()).events().size();
        }
        try (Stream<SequencedEvent> stream =
                store.stream(Query.all(), ReadOptions.defaults(), StreamMode.valueOf(how))) {
            // Not count(), which might know without looking.
            return stream.mapToLong(event -> event.event().data().isEmpty() ? 0 : 1)
                    .sum();
        }
    }
}
