package io.crablet.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects figures and targets. Not thread-safe: benchmarks run one after the other. */
public final class Report {

    private static final Logger logger = LoggerFactory.getLogger(Report.class);

    private final List<Figure> figures = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final Map<String, List<String>> benchmarks = new LinkedHashMap<>();

    /** Says which benchmark comes next. */
    void begin(Benchmark benchmark) {
        benchmarks.put(benchmark.name(), benchmark.baselines());
    }

    /**
     * Adds a figure.
     *
     * @param figure what was measured
     */
    public void add(Figure figure) {
        figures.add(figure);
        logger.info(
                "{} / {} / {} {}: {} {} {}",
                figure.benchmark(),
                figure.workload(),
                figure.subject(),
                figure.setting(),
                Numbers.format(figure.median()),
                figure.unit(),
                figure.percentiles());
    }

    /**
     * Adds a target.
     *
     * @param target what was to be reached, and what was
     */
    public void add(Target target) {
        targets.add(target);
        logger.info(
                "{}: {} -> {} (limit {})",
                target.isReached() ? "reached" : "MISSED",
                target.goal(),
                Numbers.format(target.value()),
                Numbers.format(target.limit()));
    }

    void add(Failure failure) {
        failures.add(failure);
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    Results results(Environment environment) {
        return new Results(environment, new LinkedHashMap<>(benchmarks), figures(), targets(), failures());
    }

    /**
     * Returns the figures so far.
     *
     * @return in the order in which they were measured
     */
    public List<Figure> figures() {
        return List.copyOf(figures);
    }

    /**
     * Returns the targets so far.
     *
     * @return in the order in which they were added
     */
    public List<Target> targets() {
        return List.copyOf(targets);
    }
}
