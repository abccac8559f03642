package io.crablet.benchmarks.append;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Report;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Server;
import io.crablet.benchmarks.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the events of one entity, decides, and appends on the condition that the entity is still as it was read. */
public final class DecideBenchmark implements Benchmark {

    private static final String WORKLOAD = "read 20 events of an entity, decide, append";

    private static final String RETRIES = "read and decided again";

    private static final int POOL_SIZE = 64;

    /** Creates the benchmark. */
    public DecideBenchmark() {}

    @Override
    public String name() {
        return "decide";
    }

    @Override
    public List<String> baselines() {
        return List.of(SerializableLog.NAME);
    }

    /** What is measured in a round. */
    private record Slot(Log log, boolean isHot, int callers, String subject) {

        Map<String, String> setting() {
            Map<String, String> setting = new LinkedHashMap<>();
            setting.put("callers", String.valueOf(callers));
            setting.put("entities", isHot ? Decisions.HOT + " at a time" : String.valueOf(log.entities()));
            setting.put("events", String.valueOf(log.events()));
            return setting;
        }
    }

    private record Measured(Map<Slot, Bursts> bursts, Map<Slot, List<Double>> retries) {

        void add(Slot slot, Callers.Burst burst, double retriesEach) {
            bursts.computeIfAbsent(slot, unseen -> new Bursts()).add(burst);
            retries.computeIfAbsent(slot, unseen -> new ArrayList<>()).add(retriesEach);
        }

        double median(Slot slot) {
            return Medians.of(bursts.getOrDefault(slot, new Bursts()).rates());
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        Log small = new Log(run.scale().of(10_000, 100), run.scale().of(200_000, 2_000));
        Log large = new Log(run.scale().of(100_000, 1_000), run.scale().of(2_000_000, 20_000));
        Duration time = Duration.ofMillis(run.scale().of(3_000, 300));
        int rounds = run.scale().of(5, 1);
        try (Contest smallContest = new Contest(run.server(), "small", small);
                Contest largeContest = new Contest(run.server(), "large", large)) {
            // To warm up the server's caches, the JIT compiler and the pools.
            Measured measured = measured(smallContest, largeContest, time, 1);
            measured = measured(smallContest, largeContest, time, rounds);
            report(run.report(), measured, small, large);
        }
    }

    /** The subjects, each with a log of the same content. */
    private record Contest(Log log, List<Subject> subjects) implements AutoCloseable {

        Contest(Server server, String name, Log log) throws Exception {
            this(
                    log,
                    List.of(
                            new CrabletSubject(new Database(server, "bench_decide_" + name), log, POOL_SIZE),
                            new SerializableLog(new Database(server, "bench_decide_gin_" + name), log, POOL_SIZE)));
        }

        void measure(boolean isHot, int callers, Duration time, Measured measured) throws Exception {
            for (Subject subject : subjects) {
                Decisions decisions = new Decisions(subject, log, isHot);
                Callers.Burst burst = new Callers(callers, Threads.PLATFORM).act(decisions, time);
                measured.add(
                        new Slot(log, isHot, callers, subject.name()),
                        burst,
                        (double) decisions.retries() / burst.done());
                subject.reset();
            }
        }

        @Override
        public void close() {
            subjects.forEach(Subject::close);
        }
    }

    private static Measured measured(Contest small, Contest large, Duration time, int rounds) throws Exception {
        Measured measured = new Measured(new LinkedHashMap<>(), new LinkedHashMap<>());
        for (int round = 0; round < rounds; round++) {
            for (int callers : List.of(8, 64)) {
                small.measure(false, callers, time, measured);
                large.measure(false, callers, time, measured);
                small.measure(true, callers, time, measured);
            }
        }
        return measured;
    }

    private void report(Report report, Measured measured, Log small, Log large) {
        measured.bursts()
                .forEach((slot, bursts) ->
                        report.add(bursts.rate(name(), WORKLOAD, slot.subject(), slot.setting(), "decisions/s")));
        measured.retries()
                .forEach((slot, retries) -> report.add(new Figure(
                        name(), RETRIES, slot.subject(), slot.setting(), "times a decision", retries, Map.of())));
        for (int callers : List.of(8, 64)) {
            Slot crablet = new Slot(small, false, callers, CrabletSubject.NAME);
            Slot baseline = new Slot(small, false, callers, SerializableLog.NAME);
            Slot crabletLarge = new Slot(large, false, callers, CrabletSubject.NAME);
            report.add(new Target(
                    name(),
                    "times as many decisions/s as SERIALIZABLE + GIN",
                    measured.median(crablet) / measured.median(baseline),
                    6,
                    true,
                    crablet.setting()));
            report.add(new Target(
                    name(),
                    "times the time of a decision in the log of " + small.events() + " events",
                    measured.median(crablet) / measured.median(crabletLarge),
                    1.25,
                    false,
                    crabletLarge.setting()));
        }
    }
}
