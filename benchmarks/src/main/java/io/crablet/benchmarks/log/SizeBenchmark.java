package io.crablet.benchmarks.log;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Tag;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.HdrHistogram.Histogram;

/** What one caller's conditional append and the read of one entity's 20 events cost in a small log and in large ones. */
public final class SizeBenchmark implements Benchmark {

    private static final String NAME = "size";

    /** As many as the smallest log has, so that each log is asked for as many different ones. */
    private static final int ENTITIES = 500;

    private static final double LIMIT = 1.25;

    @Override
    public String name() {
        return NAME;
    }

    private record Subject(int events, EventStore store, HikariDataSource pool, Samples append, Samples read) {}

    /** The times of one operation in one log: of each round its median, and all together. */
    private record Samples(List<Double> medians, Histogram all) {

        Samples() {
            this(new ArrayList<>(), new Histogram(3));
        }

        void add(Histogram round) {
            medians.add(round.getValueAtPercentile(50) / 1_000.0);
            all.add(round);
        }

        Figure figure(String workload, int events) {
            Map<String, Double> percentiles = new LinkedHashMap<>();
            for (double percentile : new double[] {50, 95, 99}) {
                percentiles.put("p" + (int) percentile, all.getValueAtPercentile(percentile) / 1_000.0);
            }
            return new Figure(
                    NAME,
                    workload,
                    "crablet",
                    Map.of("events", Integer.toString(events)),
                    "µs",
                    List.copyOf(medians),
                    percentiles);
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        int rounds = run.scale().of(7, 2);
        long millis = run.scale().of(1_500, 100);
        List<Subject> subjects = new ArrayList<>();
        try {
            for (int events : Logs.sizes(run)) {
                HikariDataSource pool = run.server().pool(Logs.SHARED.url(run, events), 2);
                EventStore store = PostgresEventStore.builder(pool).build();
                subjects.add(new Subject(events, store, pool, new Samples(), new Samples()));
            }
            for (int round = 0; round <= rounds; round++) {
                for (Subject subject : subjects) {
                    Histogram reads = time(
                            millis, subject, entity -> () -> subject.store.read(Query.ofTags(Logs.entity(entity))));
                    Histogram appends = time(millis, subject, entity -> append(subject.store, entity));
                    if (round > 0) {
                        subject.read.add(reads);
                        subject.append.add(appends);
                    }
                }
            }
        } finally {
            subjects.forEach(subject -> subject.pool.close());
        }
        report(run, subjects);
    }

    private static Runnable append(EventStore store, int entity) {
        // Nobody appends to these entities, so that a read finds 20 events in the last round, too.
        Tag tag = Tag.of("appended", Integer.toString(entity));
        AppendCondition condition =
                AppendCondition.failIfEventsMatch(Query.ofTags(tag)).after(store.head());
        Event event = Event.of("Appended", "{\"text\":\"" + "x".repeat(88) + "\"}", tag, Logs.COMMON);
        return () -> store.append(List.of(event), condition);
    }

    /** Times the work alone, not what prepares it. */
    private static Histogram time(long millis, Subject subject, IntFunction<Runnable> work) {
        Histogram times = new Histogram(3);
        Random random = new Random(subject.events);
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            Runnable next = work.apply(random.nextInt(ENTITIES));
            long start = System.nanoTime();
            next.run();
            times.recordValue(System.nanoTime() - start);
        }
        return times;
    }

    private static void report(Run run, List<Subject> subjects) {
        List<Figure> appends = new ArrayList<>();
        List<Figure> reads = new ArrayList<>();
        for (Subject subject : subjects) {
            appends.add(subject.append.figure("conditional append", subject.events));
            reads.add(subject.read.figure("read one entity's 20 events", subject.events));
        }
        for (List<Figure> figures : List.of(appends, reads)) {
            figures.forEach(run.report()::add);
            Figure smallest = figures.get(0);
            Figure largest = figures.get(figures.size() - 1);
            run.report()
                    .add(new Target(
                            NAME,
                            largest.workload() + ": at most 1.25 times the cost in the smallest log",
                            largest.median() / smallest.median(),
                            LIMIT,
                            false,
                            largest.setting()));
        }
    }
}
