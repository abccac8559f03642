package io.crablet.eventstore.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Race;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/** The program of {@link RandomConcurrencyTests}: a second instance of an application, with a pool of its own. */
final class AppenderProcess {

    private AppenderProcess() {}

    public static void main(String[] arguments) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(arguments[0]);
        config.setUsername(arguments[1]);
        config.setPassword(arguments[2]);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            EventStore store =
                    PostgresEventStore.builder(pool).schema(arguments[3]).build();
            long seed = Long.parseLong(arguments[4]);
            Race.run(writers(
                            store,
                            seed,
                            Integer.parseInt(arguments[5]),
                            Integer.parseInt(arguments[6]),
                            Integer.parseInt(arguments[7])))
                    .forEach(reports -> reports.forEach(System.out::println));
        }
    }

    static List<Callable<List<String>>> writers(EventStore store, long seed, int first, int count, int requests) {
        return IntStream.range(first, first + count)
                .<Callable<List<String>>>mapToObj(
                        writer -> () -> new RandomAppender(seed, writer).send(store, requests))
                .toList();
    }
}
