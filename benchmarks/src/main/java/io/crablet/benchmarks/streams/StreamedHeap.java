package io.crablet.benchmarks.streams;

import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Server;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How much memory a stream takes, however long it is: another JVM, with a heap of 32 MB, streams all events, and after each tenth of
 * them tells what is in use after a garbage collection.
 */
final class StreamedHeap {

    private static final double MEGABYTE = 1 << 20;

    private final Run run;
    private final String url;
    private final int events;

    StreamedHeap(Run run, String url, int events) {
        this.run = run;
        this.url = url;
        this.events = events;
    }

    void measure() throws IOException, InterruptedException {
        for (StreamMode mode : StreamMode.values()) {
            run.report()
                    .add(new Figure(
                            StreamsBenchmark.NAME,
                            "heap in use while streaming all, after each tenth",
                            "crablet " + mode.name().toLowerCase(Locale.ROOT),
                            Map.of("heap", "32 MB", "events", String.valueOf(events)),
                            "MB",
                            usedByChild(mode),
                            Map.of()));
        }
    }

    private List<Double> usedByChild(StreamMode mode) throws IOException, InterruptedException {
        Server server = run.server();
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-classpath",
                        System.getProperty("java.class.path"),
                        StreamedHeap.class.getName(),
                        url,
                        server.user(),
                        server.password(),
                        mode.name(),
                        String.valueOf(events / 10))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Double> used = new ArrayList<>();
        try (BufferedReader output = child.inputReader()) {
            output.lines().forEach(line -> used.add(Double.valueOf(line)));
        } finally {
            child.destroy();
        }
        if (child.waitFor() != 0) {
            throw new IllegalStateException("the child with a heap of 32 MB ended with " + child.exitValue());
        }
        return used;
    }

    /**
     * The child: prints the megabytes in use, a line for each part of the stream.
     *
     * @param arguments URL, user, password, mode of the stream and how many events a part has
     */
    public static void main(String[] arguments) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[0]);
        dataSource.setUser(arguments[1]);
        dataSource.setPassword(arguments[2]);
        EventStore store = PostgresEventStore.builder(dataSource).build();
        int part = Integer.parseInt(arguments[4]);
        try (Stream<SequencedEvent> stream =
                store.stream(Query.all(), ReadOptions.defaults(), StreamMode.valueOf(arguments[3]))) {
            Iterator<SequencedEvent> events = stream.iterator();
            while (events.hasNext()) {
                if (events.next().position() % part == 0) {
                    System.gc();
                    System.out.println(ManagementFactory.getMemoryMXBean()
                                    .getHeapMemoryUsage()
                                    .getUsed()
                            / MEGABYTE);
                }
            }
        }
    }
}
