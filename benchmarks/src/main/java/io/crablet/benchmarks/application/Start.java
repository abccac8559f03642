package io.crablet.benchmarks.application;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One start of the application in a JVM of its own.
 *
 * @param readyMillis from the start of the JVM until the application was ready
 * @param refreshMillis how much of that the application context's refresh took
 */
record Start(double readyMillis, double refreshMillis) {

    /** Starts the application, and ends it again. */
    static Start of(boolean withStarter, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-classpath",
                classPath(withStarter),
                StartedApplication.class.getName()));
        command.addAll(List.of(arguments));
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            return await(process, start);
        } finally {
            // It ends by itself; if it did not, it would have been waited for in vain.
            process.destroyForcibly().waitFor();
        }
    }

    private static Start await(Process process, long start) throws IOException, InterruptedException {
        StringBuilder output = new StringBuilder();
        Start ready = null;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(StartedApplication.READY)) {
                    long refresh = Long.parseLong(line.substring(StartedApplication.READY.length()));
                    ready = new Start((System.nanoTime() - start) / 1e6, refresh / 1e6);
                }
                output.append(line).append(System.lineSeparator());
            }
        }
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("The application did not end: " + output);
        }
        if (ready == null || process.exitValue() != 0) {
            // One that was killed from outside has said nothing.
            throw new IllegalStateException("The application ended with " + process.exitValue() + ": " + output);
        }
        return ready;
    }

    /** The class path of this JVM, with or without what the starter brings that is Crablet's own. */
    private static String classPath(boolean withStarter) {
        String all = System.getProperty("java.class.path");
        if (withStarter) {
            return all;
        }
        Set<Path> own = Crablet.places();
        return Arrays.stream(all.split(File.pathSeparator))
                .filter(entry -> !own.contains(Path.of(entry).toAbsolutePath()))
                .collect(Collectors.joining(File.pathSeparator));
    }
}
