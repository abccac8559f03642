package io.crablet.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects figures and targets. Not thread-safe: benchmarks run one after the other. */
public final class Report {

    private static final Logger logger = LoggerFactory.getLogger(Report.class);

    private final List<Figure> figures = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();

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
                Math.round(figure.median() * 100) / 100.0,
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
                target.value(),
                target.limit());
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
