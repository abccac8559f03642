package io.crablet.benchmarks.ledger;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Run;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the ledger costs, with a stub driver and with a server, beside HikariCP alone and others who wrap its connections. */
public final class LedgerBenchmark implements Benchmark {

    static final String NAME = "ledger";

    static final String BORROW = "borrow and return";

    static final String SELECT = "SELECT 1";

    /** Of an application that does everything itself. */
    private static final int FEW_FRAMES = 15;

    /** Of one with a web server, filters, proxies and templates. */
    private static final int MANY_FRAMES = 60;

    /** Makes the benchmark. */
    public LedgerBenchmark() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> baselines() {
        return List.of("hikari");
    }

    @Override
    public void measure(Run run) throws Exception {
        LedgerFigures figures = new LedgerFigures();
        for (int round = 0; round < run.scale().of(3, 1); round++) {
            for (int threads : run.scale().of(List.of(1, 2, 8), List.of(2))) {
                stub(run, figures, threads, "borrow", BORROW, FEW_FRAMES);
                stub(run, figures, threads, "query", "borrow, read a row and return", FEW_FRAMES);
            }
            stub(run, figures, 1, "borrow", BORROW, MANY_FRAMES);
            stub(run, figures, 1, "read", "read a row of three columns", FEW_FRAMES);
        }
        server(run, figures);
        figures.addTo(run.report());
    }

    private static void stub(Run run, LedgerFigures figures, int threads, String method, String workload, int frames)
            throws RunnerException {
        ChainedOptionsBuilder options = options(run, threads, 250)
                .include("\\." + Borrowing.class.getSimpleName() + "\\." + method + "$")
                .param("frames", String.valueOf(frames))
                .addProfiler(GCProfiler.class);
        for (RunResult result : new Runner(options.build()).run()) {
            figures.add(workload, threads, frames, result);
        }
    }

    private static void server(Run run, LedgerFigures figures) throws Exception {
        try (SelectOne selectOne = new SelectOne(run)) {
            for (int threads : run.scale().of(List.of(1, 8), List.of(2))) {
                selectOne
                        .rates(
                                threads,
                                run.scale().of(15, 1),
                                run.scale().of(Duration.ofMillis(700), Duration.ofMillis(50)))
                        .forEach((subject, rates) -> figures.add(SELECT, threads, FEW_FRAMES, subject, rates));
            }
        }
    }

    private static ChainedOptionsBuilder options(Run run, int threads, int milliseconds) {
        return new OptionsBuilder()
                .threads(threads)
                .forks(run.scale().of(1, 0))
                .warmupIterations(run.scale().of(2, 1))
                .warmupTime(TimeValue.milliseconds(run.scale().of(milliseconds, 20)))
                .measurementIterations(run.scale().of(2, 1))
                .measurementTime(TimeValue.milliseconds(run.scale().of(milliseconds, 20)))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
    }
}
