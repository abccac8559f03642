package io.crablet.benchmarks.streams;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** How fast the log is read: as a whole, by one tag, and one entity at a time. */
public final class StreamsBenchmark implements Benchmark {

    static final String NAME = "streams";

    private static final String RAW = "raw cursor loop";
    private static final String CURSOR = "crablet cursor";
    private static final String PAGED = "crablet paged";
    private static final String PLAIN = "plain";
    private static final String STARTER = "starter";

    /** Created by the list of benchmarks. */
    public StreamsBenchmark() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> baselines() {
        return List.of(RAW, "raw query");
    }

    @Override
    public void measure(Run run) throws Exception {
        int events = run.scale().of(1_000_000, 20_000);
        String url = run.server().createDatabase("bench_streams");
        try (HikariDataSource pool = run.server().pool(url, 8)) {
            CourseLog.create(pool, events);
            EventStore store = PostgresEventStore.builder(pool).build();
            RawRead raw = new RawRead(pool);
            try (StarterPool starter = StarterPool.open(run.server(), url)) {
                EventStore ofStarter = starter.eventStore();
                streams(
                        run,
                        "stream all",
                        events,
                        List.of(
                                new Subject(RAW, PLAIN, count -> raw.streamAll(fetchSize(), row -> count.increment())),
                                stream(store, PLAIN, Query.all(), StreamMode.CURSOR),
                                stream(store, PLAIN, Query.all(), StreamMode.PAGED),
                                stream(ofStarter, STARTER, Query.all(), StreamMode.CURSOR),
                                stream(ofStarter, STARTER, Query.all(), StreamMode.PAGED)));
                Query campus = Query.ofTags(CourseLog.CAMPUS);
                String tag = CourseLog.CAMPUS.toString();
                streams(
                        run,
                        "stream one tag",
                        events / 10,
                        List.of(
                                new Subject(
                                        RAW,
                                        PLAIN,
                                        count -> raw.streamTagged(tag, fetchSize(), row -> count.increment())),
                                stream(store, PLAIN, campus, StreamMode.CURSOR),
                                stream(store, PLAIN, campus, StreamMode.PAGED),
                                stream(ofStarter, STARTER, campus, StreamMode.CURSOR),
                                stream(ofStarter, STARTER, campus, StreamMode.PAGED)));
                new EntityReads(run, events, raw, store, ofStarter).measure();
            }
            new StreamedHeap(run, url, events).measure();
        }
    }

    /** The raw loop fetches as many rows as the store does. */
    private static int fetchSize() {
        return PostgresEventStore.DEFAULT_PAGE_SIZE;
    }

    private interface Work {
        void run(LongAdder count) throws Exception;
    }

    private record Subject(String name, String pool, Work work, List<Double> rates) {

        Subject(String name, String pool, Work work) {
            this(name, pool, work, new ArrayList<>());
        }

        Figure figure(String workload, int events) {
            return new Figure(
                    NAME,
                    workload,
                    name,
                    Map.of("pool", pool, "events", String.valueOf(events)),
                    "events/s",
                    List.copyOf(rates),
                    Map.of());
        }
    }

    private static Subject stream(EventStore store, String pool, Query query, StreamMode mode) {
        return new Subject(mode == StreamMode.CURSOR ? CURSOR : PAGED, pool, count -> {
            try (Stream<SequencedEvent> stream = store.stream(query, ReadOptions.defaults(), mode)) {
                stream.forEach(event -> count.increment());
            }
        });
    }

    private static void streams(Run run, String workload, int events, List<Subject> subjects) throws Exception {
        int rounds = run.scale().of(5, 1);
        for (int round = 0; round <= rounds; round++) {
            for (Subject subject : subjects) {
                double rate = rate(subject, events);
                if (round > 0) {
                    subject.rates().add(rate);
                }
            }
        }
        List<Figure> figures = subjects.stream()
                .map(subject -> subject.figure(workload, events))
                .toList();
        figures.forEach(run.report()::add);
        double raw = figures.get(0).median();
        for (Figure figure : figures.subList(1, figures.size())) {
            double limit = figure.subject().equals(CURSOR) ? 0.90 : 0.85;
            run.report()
                    .add(new Target(
                            NAME,
                            workload + ", " + figure.subject() + ": at least " + limit + " of the raw cursor loop",
                            figure.median() / raw,
                            limit,
                            true,
                            figure.setting()));
        }
    }

    private static double rate(Subject subject, int events) throws Exception {
        LongAdder count = new LongAdder();
        long start = System.nanoTime();
        subject.work().run(count);
        long nanos = System.nanoTime() - start;
        if (count.sum() != events) {
            throw new IllegalStateException(subject.name() + " has read " + count + " events of " + events);
        }
        return events * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }
}
