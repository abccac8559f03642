package io.crablet.benchmarks.append;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Report;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Conditional appends of one event with two tags, with few and with many callers. */
public final class AppendBenchmark implements Benchmark {

    static final int POOL_SIZE = 64;

    private static final String WORKLOAD = "conditional append";

    private static final String CONNECTIONS = "connections borrowed at one time, at most";

    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private static final Callers ALL_CORES = new Callers(CORES, Threads.PLATFORM);

    private static final Callers ONE = new Callers(1, Threads.PLATFORM);

    private static final Callers CROWD = new Callers(64, Threads.PLATFORM);

    /** Creates the benchmark. */
    public AppendBenchmark() {}

    @Override
    public String name() {
        return "append";
    }

    @Override
    public List<String> baselines() {
        return List.of(SerializableLog.NAME);
    }

    /** What is measured in a round: a subject with so many callers. */
    private record Slot(String subject, Callers callers) {

        Map<String, String> setting() {
            Map<String, String> setting = new LinkedHashMap<>();
            setting.put("callers", String.valueOf(callers.count()));
            setting.put("threads", callers.threads().name().toLowerCase(Locale.ROOT));
            return setting;
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        Log log = new Log(run.scale().of(10_000, 1_000), run.scale().of(200_000, 20_000));
        Database database = database(run, "append");
        try (Subject crablet = new CrabletSubject(database, log, POOL_SIZE);
                Subject each = new OneTransactionEach(database(run, "append_each"), log, POOL_SIZE);
                Subject gin = new SerializableLog(database(run, "append_gin"), log, POOL_SIZE);
                Ceiling ceiling = new Ceiling(database(run, "append_ceiling"), log, CORES)) {
            List<EntityAppends> subjects = Stream.of(crablet, each, gin)
                    .map(subject -> new EntityAppends(subject, log))
                    .toList();
            Duration time = Duration.ofMillis(run.scale().of(2_500, 300));
            // To warm up the server's caches, the JIT compiler and the pools.
            new Round(subjects, ceiling, time).measure(new Measured());
            Measured measured = new Measured();
            for (int round = 0; round < run.scale().of(5, 1); round++) {
                new Round(subjects, ceiling, time).measure(measured);
            }
            database.requireCrabletEvents(log.events() + subjects.get(0).appended());
            report(run.report(), measured);
        }
    }

    private static Database database(Run run, String name) throws SQLException {
        return new Database(run.server(), "bench_" + name);
    }

    /** What was measured, by subject and callers: bursts, and how many connections were borrowed at one time in each. */
    private record Measured(Map<Slot, Bursts> bursts, Map<Slot, List<Double>> peaks) {

        Measured() {
            this(new LinkedHashMap<>(), new LinkedHashMap<>());
        }

        Bursts of(String subject, Callers callers) {
            return bursts.computeIfAbsent(new Slot(subject, callers), unseen -> new Bursts());
        }

        void addPeak(Subject subject, Callers callers) {
            peaks.computeIfAbsent(new Slot(subject.name(), callers), unseen -> new ArrayList<>())
                    .add((double) subject.borrowedPeak());
        }

        double median(String subject, Callers callers) {
            return Medians.of(of(subject, callers).rates());
        }
    }

    /** Each subject in turn, with each number of callers. */
    private record Round(List<EntityAppends> subjects, Ceiling ceiling, Duration time) {

        void measure(Measured measured) throws Exception {
            for (Callers callers : callers()) {
                for (EntityAppends appends : subjects) {
                    Subject subject = appends.subject();
                    subject.borrowedPeak();
                    measured.of(subject.name(), callers).add(callers.act(appends.by(callers.count()), time));
                    measured.addPeak(subject, callers);
                }
            }
            measured.of(Ceiling.NAME, ALL_CORES).add(ALL_CORES.act(caller -> ceiling.insert(), time));
        }
    }

    private void report(Report report, Measured measured) {
        measured.bursts()
                .forEach((slot, bursts) ->
                        report.add(bursts.rate(name(), WORKLOAD, slot.subject(), slot.setting(), "events/s")));
        measured.peaks()
                .forEach((slot, peaks) -> report.add(new Figure(
                        name(), CONNECTIONS, slot.subject(), slot.setting(), "connections", peaks, Map.of())));

        double crowd = measured.median(CrabletSubject.NAME, CROWD);
        Map<String, String> setting = Map.of("callers", "64");
        report.add(new Target(
                name(),
                "times as many events/s as SERIALIZABLE + GIN",
                crowd / measured.median(SerializableLog.NAME, CROWD),
                5,
                true,
                setting));
        report.add(new Target(
                name(),
                "times as many events/s as one transaction each",
                crowd / measured.median(OneTransactionEach.NAME, CROWD),
                5,
                true,
                setting));
        report.add(new Target(
                name(),
                "of the ceiling's events/s",
                crowd / measured.median(Ceiling.NAME, ALL_CORES),
                0.4,
                true,
                setting));
        report.add(new Target(
                name(),
                "connections borrowed at one time",
                Collections.max(Objects.requireNonNull(measured.peaks().get(new Slot(CrabletSubject.NAME, CROWD)))),
                2,
                false,
                setting));
        report.add(new Target(
                name(),
                "times the events/s of one transaction each",
                measured.median(CrabletSubject.NAME, ONE) / measured.median(OneTransactionEach.NAME, ONE),
                1,
                true,
                Map.of("callers", "1")));
        report.add(new Target(
                name(),
                "times the median latency of one transaction each",
                Medians.ofRatios(
                        measured.of(CrabletSubject.NAME, ONE).medianLatencies(),
                        measured.of(OneTransactionEach.NAME, ONE).medianLatencies()),
                1.05,
                false,
                Map.of("callers", "1")));
    }

    private static List<Callers> callers() {
        List<Callers> callers = new ArrayList<>();
        for (Threads threads : Threads.values()) {
            if (threads == Threads.PLATFORM || Threads.areVirtualAvailable()) {
                for (int count : List.of(1, 8, 64, 512)) {
                    callers.add(new Callers(count, threads));
                }
            }
        }
        return callers;
    }
}
