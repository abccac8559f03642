package io.crablet.benchmarks.streams;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Tag;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How fast many events are brought into the log, beside COPY of the same events into the same tables. */
public final class ImportBenchmark implements Benchmark {

    private static final String NAME = "import";

    private static final String COPY = "copy";

    private static final int BATCH = PostgresEventStore.DEFAULT_MAX_BATCH_EVENTS;

    /** Created by the list of benchmarks. */
    public ImportBenchmark() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> baselines() {
        return List.of(COPY);
    }

    private interface Import {
        void write(List<Event> batch, long firstPosition) throws Exception;
    }

    private record Subject(String name, int callers, int batch, Import work, List<Double> rates) {

        Subject(String name, int callers, int batch, Import work) {
            this(name, callers, batch, work, new ArrayList<>());
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        try (HikariDataSource pool = run.server().pool(run.server().createDatabase("bench_import"), 4)) {
            EventStore store = PostgresEventStore.builder(pool).build();
            CopyImport copy = new CopyImport(pool);
            Import append = (batch, firstPosition) -> store.append(batch);
            Import copied = (batch, firstPosition) ->
                    copy.write(batch, firstPosition, Instant.now().toString());

            // Short, and at the same time what warms up the others.
            measure(
                    run,
                    pool,
                    "import by size of batch",
                    run.scale().of(50_000, 10_000),
                    run.scale().of(3, 1),
                    Stream.of(100, 1_000, BATCH)
                            .flatMap(batch -> Stream.of(
                                    new Subject(COPY, 1, batch, copied), new Subject("crablet", 1, batch, append)))
                            .toList());
            List<Figure> figures = measure(
                    run,
                    pool,
                    "bulk import",
                    run.scale().of(1_000_000, 20_000),
                    run.scale().of(2, 1),
                    List.of(
                            new Subject(COPY, 1, BATCH, copied),
                            new Subject("crablet", 1, BATCH, append),
                            new Subject("crablet", 2, BATCH, append)));
            compare(run, figures);
        }
    }

    private static List<Figure> measure(
            Run run, HikariDataSource pool, String workload, int events, int rounds, List<Subject> subjects)
            throws Exception {
        for (int round = 0; round < rounds; round++) {
            for (Subject subject : subjects) {
                emptyLog(pool);
                subject.rates().add(rate(subject, events));
            }
        }
        List<Figure> figures = subjects.stream()
                .map(subject -> new Figure(
                        NAME,
                        workload,
                        subject.name(),
                        Map.of(
                                "callers", String.valueOf(subject.callers()),
                                "batch", String.valueOf(subject.batch()),
                                "events", String.valueOf(events)),
                        "events/s",
                        List.copyOf(subject.rates()),
                        Map.of()))
                .toList();
        figures.forEach(run.report()::add);
        return figures;
    }

    private static void compare(Run run, List<Figure> figures) {
        double copy = figures.get(0).median();
        for (Figure figure : figures.subList(1, figures.size())) {
            run.report()
                    .add(new Target(
                            NAME,
                            "bulk import: at least 0.7 of COPY into the same tables",
                            figure.median() / copy,
                            0.70,
                            true,
                            figure.setting()));
        }
    }

    private static void emptyLog(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop schema public cascade");
            statement.execute("create schema public");
            statement.execute("checkpoint");
        }
        new PostgresSchema(pool, PostgresEventStore.DEFAULT_SCHEMA).initialize();
    }

    /** The events are made while they are written, which is part of the time of every subject. */
    private static double rate(Subject subject, int events) throws Exception {
        int batches = events / subject.batch();
        AtomicInteger next = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(subject.callers());
        try {
            long start = System.nanoTime();
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < subject.callers(); i++) {
                callers.add(threads.submit(() -> {
                    for (int batch = next.getAndIncrement(); batch < batches; batch = next.getAndIncrement()) {
                        int first = batch * subject.batch() + 1;
                        subject.work().write(batch(first, subject.batch()), first);
                    }
                    return null;
                }));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
            return events * (double) TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - start);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Each event has two tags and about 140 bytes of data and metadata. */
    private static List<Event> batch(int first, int size) {
        return IntStream.range(first, first + size)
                .mapToObj(ImportBenchmark::event)
                .toList();
    }

    private static Event event(int number) {
        String course = "c" + number % 50_000;
        String student = "s" + number % 9_973;
        return Event.of(
                        "StudentSubscribed",
                        "{\"course\":\"" + course + "\",\"student\":\"" + student + "\",\"note\":\"place " + number
                                + "\",\"paid\":" + (number % 3 == 0) + "}",
                        Tag.of("course", course),
                        Tag.of("student", student))
                .withMetadata("{\"correlationId\":\"0123456789abcdef0123456789abcdef\"}");
    }
}
