package io.crablet.benchmarks.ledger;

import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Report;
import io.crablet.benchmarks.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Puts together what JMH has measured round by round, and compares it with what is to be reached. */
final class LedgerFigures {

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private static final double MOST_NANOS = 300;

    private static final double LEAST_THROUGHPUT = 0.97;

    private final Map<Setting, Map<Subject, List<Double>>> values = new LinkedHashMap<>();

    /** What was measured. */
    record Setting(String workload, String unit, int threads, int frames) {

        Map<String, String> inWords() {
            return Map.of("threads", String.valueOf(threads), "frames", String.valueOf(frames));
        }
    }

    void add(String workload, int threads, int frames, RunResult result) {
        Subject subject = Subject.valueOf(result.getParams().getParam("subject"));
        Result<?> time = result.getPrimaryResult();
        add(new Setting(workload, "ns", threads, frames), subject, time);
        Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
        if (allocation != null) {
            add(new Setting(workload, "B", threads, frames), subject, allocation);
        }
    }

    /** Adds what was measured otherwise: queries a second. */
    void add(String workload, int threads, int frames, Subject subject, List<Double> rates) {
        values.computeIfAbsent(new Setting(workload, "queries/s", threads, frames), unseen -> new LinkedHashMap<>())
                .put(subject, rates);
    }

    private void add(Setting setting, Subject subject, Result<?> result) {
        values.computeIfAbsent(setting, unseen -> new LinkedHashMap<>())
                .computeIfAbsent(subject, unseen -> new ArrayList<>())
                .add(result.getScore());
    }

    void addTo(Report report) {
        values.forEach((setting, subjects) -> {
            Map<Subject, Figure> figures = new LinkedHashMap<>();
            subjects.forEach((subject, measured) -> figures.put(
                    subject,
                    new Figure(
                            LedgerBenchmark.NAME,
                            setting.workload(),
                            subject.inWords(),
                            setting.inWords(),
                            setting.unit(),
                            List.copyOf(measured),
                            Map.of())));
            figures.values().forEach(report::add);
            addTargets(report, setting, figures);
        });
    }

    private static void addTargets(Report report, Setting setting, Map<Subject, Figure> figures) {
        double crablet = median(figures, Subject.CRABLET);
        double hikari = median(figures, Subject.HIKARI);
        double leakDetection = median(figures, Subject.HIKARI_LEAK_DETECTION);
        if (setting.workload().equals(LedgerBenchmark.BORROW)
                && setting.unit().equals("ns")
                && setting.threads() == 1) {
            report.add(new Target(
                    LedgerBenchmark.NAME,
                    "borrow and return with " + setting.frames() + " frames: at most 300 ns above plain HikariCP",
                    crablet - hikari,
                    MOST_NANOS,
                    false,
                    setting.inWords()));
            report.add(new Target(
                    LedgerBenchmark.NAME,
                    "borrow and return with " + setting.frames()
                            + " frames: at most what HikariCP's leak detection adds",
                    (crablet - hikari) / (leakDetection - hikari),
                    1,
                    false,
                    setting.inWords()));
        }
        if (setting.workload().equals(LedgerBenchmark.SELECT)) {
            report.add(new Target(
                    LedgerBenchmark.NAME,
                    "SELECT 1 with " + setting.threads() + " threads: no loss of throughput against plain HikariCP",
                    crablet / hikari,
                    LEAST_THROUGHPUT,
                    true,
                    setting.inWords()));
        }
    }

    private static double median(Map<Subject, Figure> figures, Subject subject) {
        Figure figure = figures.get(subject);
        return figure == null ? Double.NaN : figure.median();
    }
}
