package io.crablet.benchmarks.log;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Run;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Writes down how the server executes reads and conditions in a small log and in large ones. */
public final class PlansBenchmark implements Benchmark {

    /** From the folder of this module, where Maven starts the benchmarks. */
    private static final Path DOCUMENTATION = Path.of("..", "docs");

    private static final Path RESULTS = Path.of("target", "results");

    private static final List<PlanCase> CASES = Stream.concat(PlanCase.reads().stream(), PlanCase.conditions().stream())
            .toList();

    @Override
    public String name() {
        return "plans";
    }

    /** The plan that is shown, and what the whole call has cost. */
    private record Shown(Plan plan, long buffers, double millis) {}

    @Override
    public void measure(Run run) throws Exception {
        List<Integer> sizes = Logs.sizes(run);
        Map<PlanCase, List<Shown>> shown = new LinkedHashMap<>();
        for (int events : sizes) {
            try (var pool = run.server().pool(Logs.SHARED.url(run, events), 1);
                    Connection connection = pool.getConnection()) {
                Explained explained = new Explained(connection);
                EventStore store =
                        PostgresEventStore.builder(explained.dataSource()).build();
                for (PlanCase each : CASES) {
                    shown.computeIfAbsent(each, unused -> new ArrayList<>()).add(explain(explained, store, each));
                }
            }
        }
        Path folder = run.scale().of(DOCUMENTATION, RESULTS);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("plans.md"), page(sizes, shown));
    }

    private static Shown explain(Explained explained, EventStore store, PlanCase each) {
        List<Plan> plans = explained.plansOf(() -> each.work().accept(store));
        Plan plan = plans.stream().filter(each.isShown()).findFirst().orElseThrow();
        Plan whole = plans.stream()
                .filter(call -> call.sql().contains("crablet_append("))
                .findFirst()
                .orElse(plan);
        return new Shown(plan, whole.buffers(), whole.millis());
    }

    private static String page(List<Integer> sizes, Map<PlanCase, List<Shown>> shown) {
        StringBuilder page = new StringBuilder("""
                # Plans

                How the server executes reads, and the checks of conditions, in logs of different sizes: what `EXPLAIN (ANALYZE, BUFFERS)` says when
                a connection does the same for the twelfth time, so with the plan that it uses from then on. This page is written by

                ```sh
                mvn -q -pl benchmarks -am -DskipTests verify -Pbenchmarks -Dbenchmarks=plans
                ```

                An event has about 100 bytes of data and three tags: two of entities, each of which has 20 events all over the log, and one that all
                events have. There are ten types, and one event of an eleventh.

                ## Blocks and time

                A block has 8 kB; it counts each time it is looked at, in memory or not. For an append it is the whole call, with the insert. The time is
                that of one execution, with the clock reading of every step; it also depends on what is in memory.

                | |""");
        sizes.forEach(events -> page.append(String.format(Locale.ROOT, " %,d events |", events)));
        page.append("\n|---|").append("---|".repeat(sizes.size())).append('\n');
        shown.forEach((each, ofSizes) -> {
            page.append("| ").append(each.title()).append(" |");
            ofSizes.forEach(
                    one -> page.append(String.format(Locale.ROOT, " %,d, %.2f ms |", one.buffers(), one.millis())));
            page.append('\n');
        });
        page.append(String.format(Locale.ROOT, "%n## In %,d events%n", sizes.get(sizes.size() - 1)));
        shown.forEach((each, ofSizes) -> page.append("\n### ")
                .append(each.title())
                .append("\n\n```\n")
                .append(ofSizes.get(ofSizes.size() - 1).plan().text())
                .append("\n```\n"));
        return page.toString();
    }
}
