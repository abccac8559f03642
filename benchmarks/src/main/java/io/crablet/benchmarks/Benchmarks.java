package io.crablet.benchmarks;

import io.crablet.benchmarks.streams.ImportBenchmark;
import io.crablet.benchmarks.streams.StreamsBenchmark;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Runs the benchmarks: {@code --output=FOLDER --scale=full|quick --only=NAME,NAME}. */
public final class Benchmarks {

    private static final List<Benchmark> ALL = List.of(new StreamsBenchmark(), new ImportBenchmark());

    private Benchmarks() {}

    /**
     * Runs the benchmarks.
     *
     * @param arguments see the class
     * @throws Exception when one of them goes wrong
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Scale scale = Scale.valueOf(options.getOrDefault("scale", "full").toUpperCase(Locale.ROOT));
        Report report = new Report();
        try (Server server = Server.start()) {
            for (Benchmark benchmark : chosen(options.getOrDefault("only", ""))) {
                benchmark.measure(new Run(server, scale, report));
            }
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new IllegalArgumentException("'" + argument + "' is not of the form --name=value");
            }
            options.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
        return options;
    }

    private static List<Benchmark> chosen(String names) {
        if (names.isEmpty()) {
            return ALL;
        }
        Map<String, Benchmark> byName = ALL.stream().collect(Collectors.toMap(Benchmark::name, Function.identity()));
        Set<String> unknown = new TreeSet<>(Arrays.asList(names.split(",")));
        unknown.removeAll(byName.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "no benchmarks are named " + unknown + "; there are " + new TreeSet<>(byName.keySet()));
        }
        return Arrays.stream(names.split(",")).map(byName::get).toList();
    }
}
