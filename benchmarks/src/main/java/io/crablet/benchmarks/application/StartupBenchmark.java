package io.crablet.benchmarks.application;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How long an application takes to start, with the starter and without: from the start of its JVM until it is ready, and of that
 * the refresh of its context. Every start is one of a new JVM. The database has the event store's schema already.
 */
public final class StartupBenchmark implements Benchmark {

    private static final int POOL_SIZE = 10;

    private static final Subject WITHOUT = new Subject("without the starter", false, true);

    private static final Subject WITH = new Subject("with the starter", true, true);

    private static final Subject WITHOUT_STORE = new Subject("with the starter, no event store", true, false);

    private static final List<Subject> SUBJECTS = List.of(WITHOUT, WITH, WITHOUT_STORE);

    /** Called by who lists the benchmarks. */
    public StartupBenchmark() {}

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public List<String> baselines() {
        return List.of("without the starter");
    }

    @Override
    public void measure(Run run) throws Exception {
        String url = run.server().createDatabase("startup");
        Settings settings = new Settings(run.server(), url, POOL_SIZE);
        Map<Subject, List<Start>> starts = new LinkedHashMap<>();
        // Creates the schema, and has the files in the memory of the operating system.
        WITH.start(settings);
        for (int round = 0; round < run.scale().of(7, 1); round++) {
            for (Subject subject : SUBJECTS) {
                starts.computeIfAbsent(subject, first -> new ArrayList<>()).add(subject.start(settings));
            }
        }
        report(run, starts);
    }

    private void report(Run run, Map<Subject, List<Start>> starts) {
        starts.forEach((subject, measured) -> {
            run.report().add(figure("start until ready", subject, measured, Start::readyMillis));
            run.report().add(figure("refresh of the context", subject, measured, Start::refreshMillis));
        });
        run.report()
                .add(new Target(
                        name(),
                        "what the starter adds to the start of an application, in ms",
                        median(starts, WITH) - median(starts, WITHOUT),
                        150,
                        false,
                        setting()));
    }

    private Figure figure(String workload, Subject subject, List<Start> starts, ToDoubleFunction<Start> millis) {
        List<Double> values = starts.stream().mapToDouble(millis).boxed().toList();
        return new Figure(name(), workload, subject.name(), setting(), "ms", values, Map.of());
    }

    private double median(Map<Subject, List<Start>> starts, Subject subject) {
        return figure("", subject, starts.getOrDefault(subject, List.of()), Start::readyMillis)
                .median();
    }

    private static Map<String, String> setting() {
        return Map.of("pool", Integer.toString(POOL_SIZE));
    }

    /** An application that is compared. */
    private record Subject(String name, boolean withStarter, boolean eventStore) {

        private Start start(Settings settings) throws Exception {
            return Start.of(
                    withStarter,
                    settings.with(Application.FIRST_QUESTION, "true")
                            .with("crablet.event-store.enabled", Boolean.toString(eventStore))
                            .arguments());
        }
    }
}
