package io.crablet.sample.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The terminal monitor, as an operator starts it: the script, with the address of a server in the environment. */
final class Monitor {

    static final Path SCRIPT =
            Path.of("..", "scripts", "monitor-connections.sh").toAbsolutePath().normalize();

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, String> environment;

    private Monitor(Map<String, String> environment) {
        this.environment = environment;
    }

    /** At the database that a JDBC URL names. */
    static Monitor at(String jdbcUrl, String user) {
        URI address = URI.create(jdbcUrl.substring("jdbc:".length()));
        return new Monitor(Map.of(
                "DB_HOST", address.getHost(),
                "DB_PORT", Integer.toString(address.getPort()),
                "DB_NAME", address.getPath().substring(1),
                "DB_USER", user,
                "LC_ALL", "C.UTF-8"));
    }

    Monitor with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new Monitor(more);
    }

    /** Runs it with its output in files, as cron does. */
    Output run(String... options) {
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
        command.addAll(List.of(options));
        return run(command);
    }

    Output run(List<String> command) {
        try {
            Path out = Files.createTempFile("monitor", ".out");
            Path err = Files.createTempFile("monitor", ".err");
            try {
                Process process = start(
                        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()));
                process.getOutputStream().close();
                return new Output(exitCode(process), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it on a terminal of 100 columns and 40 rows. */
    Terminal onTerminal(String... options) throws IOException {
        return onTerminal(100, 40, options);
    }

    Terminal onTerminal(int columns, int rows, String... options) throws IOException {
        // Who runs the build in the background, or under nohup, has its children ignore Ctrl-C or a hang-up; no shell
        // can undo that.
        String command = "stty cols " + columns + " rows " + rows + "; exec env --default-signal bash '" + SCRIPT + "' "
                + Arrays.stream(options).map(option -> "'" + option + "'").collect(Collectors.joining(" "));
        Path screen = Files.createTempFile("monitor", ".screen");
        ProcessBuilder builder = new ProcessBuilder("script", "-qefc", command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(screen.toFile());
        builder.environment().put("TERM", "xterm");
        return new Terminal(start(builder), screen);
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Map<String, String> variables = builder.environment();
        variables.keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("DB_") || name.equals("NO_COLOR"));
        variables.putAll(environment);
        return builder.start();
    }

    private static int exitCode(Process process) {
        try {
            boolean ended = process.waitFor(40, TimeUnit.SECONDS);
            if (!ended) {
                process.destroy();
            }
            assertThat(ended).as("ends by itself").isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it has printed, and its exit code. */
    record Output(int exitCode, String out, String err) {

        JsonNode json() {
            assertThat(out).as(err).endsWith("}\n").containsOnlyOnce("\n");
            return JSON.readTree(out);
        }
    }

    /** A terminal that it runs on. */
    record Terminal(Process process, Path file) implements AutoCloseable {

        void type(String text) throws IOException {
            OutputStream keys = process.getOutputStream();
            keys.write(text.getBytes(UTF_8));
            keys.flush();
        }

        String screen() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int awaitEnd() {
            return exitCode(process);
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            Files.delete(file);
        }
    }
}
