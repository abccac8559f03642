package io.crablet.benchmarks;

import io.crablet.benchmarks.append.AppendBenchmark;
import io.crablet.benchmarks.append.DecideBenchmark;
import io.crablet.benchmarks.application.EndpointBenchmark;
import io.crablet.benchmarks.application.HealthBenchmark;
import io.crablet.benchmarks.application.StartupBenchmark;
import io.crablet.benchmarks.ledger.LedgerBenchmark;
import io.crablet.benchmarks.log.ChoicesBenchmark;
import io.crablet.benchmarks.log.EnduranceBenchmark;
import io.crablet.benchmarks.log.PlansBenchmark;
import io.crablet.benchmarks.log.SizeBenchmark;
import io.crablet.benchmarks.streams.ImportBenchmark;
import io.crablet.benchmarks.streams.StreamsBenchmark;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the benchmarks: {@code --output=FOLDER --scale=full|quick --only=NAME,NAME}. Ends with 1 if one of them went wrong; a target
 * that is missed is a result like others.
 */
public final class Benchmarks {

    private static final Logger logger = LoggerFactory.getLogger(Benchmarks.class);

    private static final List<Benchmark> ALL = List.of(
            new AppendBenchmark(),
            new DecideBenchmark(),
            new LedgerBenchmark(),
            new StreamsBenchmark(),
            new HealthBenchmark(),
            new EndpointBenchmark(),
            new StartupBenchmark(),
            new ImportBenchmark(),
            new SizeBenchmark(),
            new PlansBenchmark(),
            new ChoicesBenchmark(),
            new EnduranceBenchmark());

    private Benchmarks() {}

    /**
     * Runs the benchmarks.
     *
     * @param arguments see the class
     * @throws Exception when the server does not start or the results cannot be written
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = Options.of(arguments);
        Scale scale = Scale.valueOf(options.getOrDefault("scale", "full").toUpperCase(Locale.ROOT));
        Path output = Path.of(Options.required(options, "output"));
        List<Benchmark> chosen = chosen(ALL, options.getOrDefault("only", ""));
        Report report = new Report();
        try (Server server = Server.start()) {
            measure(chosen, new Run(server, scale, report), output);
        }
        logger.info("The results are in {}", output);
        // Not by returning: a benchmark that went wrong may have left threads behind.
        System.exit(report.failures().isEmpty() ? 0 : 1);
    }

    /** Writes the results after each benchmark, so that a run that is cut short was not in vain. */
    private static void measure(List<Benchmark> benchmarks, Run run, Path output) throws Exception {
        Environment environment = Environment.of(run.server(), run.scale());
        for (Benchmark benchmark : benchmarks) {
            logger.info("Measuring {}", benchmark.name());
            measure(benchmark, run);
            ResultFiles.write(output, run.report().results(environment));
        }
    }

    /** One that goes wrong, in whatever way, must not cost the figures of the others. */
    static void measure(Benchmark benchmark, Run run) {
        run.report().begin(benchmark);
        try {
            benchmark.measure(run);
        } catch (Exception | Error e) {
            logger.error("The benchmark {} went wrong", benchmark.name(), e);
            run.report().add(new Failure(benchmark.name(), e.toString()));
        }
    }

    static List<Benchmark> chosen(List<Benchmark> all, String names) {
        if (names.isEmpty()) {
            return all.stream().filter(benchmark -> !benchmark.isAskedForOnly()).toList();
        }
        Map<String, Benchmark> byName = all.stream().collect(Collectors.toMap(Benchmark::name, Function.identity()));
        Set<String> unknown = new TreeSet<>(Arrays.asList(names.split(",")));
        unknown.removeAll(byName.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "no benchmarks are named " + unknown + "; there are " + new TreeSet<>(byName.keySet()));
        }
        return Arrays.stream(names.split(",")).map(byName::get).toList();
    }
}
