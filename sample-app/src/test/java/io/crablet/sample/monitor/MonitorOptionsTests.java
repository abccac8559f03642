package io.crablet.sample.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.sample.monitor.Monitor.Output;
import io.crablet.sample.monitor.Monitor.Terminal;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no server, or shows that there is none. */
@Tag("monitor")
class MonitorOptionsTests {

    private static final Path DOC = Path.of("..", "docs", "monitor.md");

    private final Monitor nowhere = Monitor.at("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody");

    @Test
    void theScriptHasNothingThatShellcheckComplainsOf() {
        Output checked = nowhere.run(List.of(
                "shellcheck",
                "--external-sources",
                "--enable=add-default-case,avoid-nullary-conditions,check-unassigned-uppercase,deprecate-which,"
                        + "quote-safe-variables,require-double-brackets",
                Monitor.SCRIPT.toString()));

        assertThat(checked.exitCode()).as(checked.out() + checked.err()).isZero();
    }

    @Test
    void theDocNamesEveryOptionOfTheHelpAndNoOther() throws IOException {
        Output help = nowhere.run("--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(140));
        assertThat(options(Files.readString(DOC))).isEqualTo(options(help.out()));
    }

    private static Set<String> options(String text) {
        return Pattern.compile("(?<![\\w-])--[a-z][a-z-]+")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyOptionOfTheHelpIsUnderstood() {
        for (String option : options(nowhere.run("--help").out())) {
            assertThat(nowhere.run(option, "").err()).doesNotContain("there is no option");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --foo                                   | there is no option '--foo'
                    -x                                      | there is no option '-x'
                    coffee                                  | there is no command 'coffee'
                    --once=yes                              | --once takes no value
                    --rows                                  | --rows needs a value
                    --rows 0                                | --rows must be from 1 to 100
                    --rows 08x                              | --rows must be a whole number
                    --interval 5                            | cannot ask the server
                    --interval 5x                           | the interval must be a time with its unit
                    --interval 10ms                         | the interval is out of bounds
                    --timeout 5                             | --timeout must be a time with its unit
                    --timeout 2h                            | --timeout is out of bounds
                    --warn-usage -1                         | --warn-usage must be a whole number
                    --warn-usage 90 --crit-usage 80         | --crit-usage must be from 90 to 100
                    --warn-usage 08 --crit-usage 09         | cannot ask the server
                    --blocked 1m/30s                        | the time for critical is less
                    --blocked 30                            | --blocked must be a time with its unit
                    --blocked 5s/                           | --blocked must be a time with its unit
                    --blocked 5s/1m/2m                      | --blocked must be a time with its unit
                    --long-query 99999999999s               | --long-query must be a time with its unit
                    --idle-in-transaction $(id)s            | --idle-in-transaction must be a time with its unit
                    --older-than 5m                         | --older-than is for a command
                    --yes                                   | --yes is for a command
                    --quiet                                 | --quiet is for --once and --nagios
                    --nagios --json                         | take one
                    disconnect-all disconnect-all           | one command at a time
                    disconnect-all --once                   | --once is not for disconnect-all
                    disconnect-all --older-than 5m          | disconnect-all ends all
                    terminate-idle-in-transaction           | needs --older-than
                    terminate-idle-in-transaction --older-than 5     | must be a time with its unit
                    terminate-idle-in-transaction --older-than 500ms | --older-than is out of bounds
                    terminate-idle-in-transaction --older-than 366d  | --older-than is out of bounds
                    """)
    void whatMakesNoSenseIsRefused(String options, String complaint) {
        Output refused = nowhere.run(options.split(" +"));

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).startsWith("monitor-connections.sh: ").contains(complaint);
        assertThat(refused.out()).doesNotContain("Connections");
    }

    @ParameterizedTest
    @ValueSource(strings = {"five", "-1", "0", "1.5", "5 s"})
    void anIntervalFromTheEnvironmentIsCheckedToo(String interval) {
        Output refused = nowhere.with("MONITOR_INTERVAL", interval).run("--once");

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("the interval");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--once", "--json", "--nagios", "disconnect-all", "--rows=3"})
    void aServerThatIsNotThereIsUnknown(String option) {
        Output unknown = nowhere.run(option);

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("cannot ask the server: psql: error:", "127.0.0.1");
        assertThat(unknown.out())
                .matches(option.equals("--nagios") ? "CRABLET UNKNOWN - cannot ask the server: .*\n" : "");
    }

    @Test
    void aServerThatAcceptsAndDoesNotAnswerIsNotWaitedForLong() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            Monitor monitor = Monitor.at("jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/x", "x");
            long start = System.nanoTime();

            Output unknown = monitor.run("--once", "--timeout", "2s");

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
            assertThat(unknown.exitCode()).isEqualTo(3);
            assertThat(unknown.err()).containsAnyOf("timeout expired", "no answer from the server in its time of 2s");
        }
    }

    @Test
    void aServerThatFallsSilentAfterTheLoginIsNotWaitedForLongEither() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            Thread answering = new Thread(() -> logIn(silent), "silent server");
            answering.setDaemon(true);
            answering.start();
            Monitor monitor = Monitor.at("jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/x", "x");

            long start = System.nanoTime();

            Output unknown = monitor.run("--once", "--timeout", "1s");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
            assertThat(unknown.exitCode()).isEqualTo(3);
            assertThat(unknown.err()).contains("no answer from the server in its time of 1s");
        }
    }

    /** Lets a client in by PostgreSQL's protocol: no encryption, no password, ready for a query. Then it says nothing. */
    private static void logIn(ServerSocket server) {
        int firstEncryptionRequest = 80877103;
        try (Socket socket = server.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] rest = new byte[in.readInt() - 8];
                boolean login = in.readInt() < firstEncryptionRequest;
                in.readFully(rest);
                out.write(login ? new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 0, 'Z', 0, 0, 0, 5, 'I'} : new byte[] {'N'});
                if (login) {
                    in.readAllBytes();
                    return;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aMissingPsqlIsSaid(@TempDir Path onThePath) throws IOException {
        for (String tool : List.of("bash", "cat")) {
            Files.createSymbolicLink(onThePath.resolve(tool), Path.of("/usr/bin", tool));
        }

        Output unknown = nowhere.with("PATH", onThePath.toString())
                .run(List.of("/usr/bin/env", "bash", Monitor.SCRIPT.toString(), "--once"));

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("psql is not on the path", "postgresql-client");
    }

    @Test
    void anythingUnforeseenIsUnknown(@TempDir Path path) throws IOException {
        Path psql = path.resolve("psql");
        Files.writeString(psql, "#!/bin/sh\nexec sed -u -n 's/^.echo end-/end-/p'\n");
        assertThat(psql.toFile().setExecutable(true)).isTrue();

        Output unknown =
                nowhere.with("PATH", path + ":" + System.getenv("PATH")).run("--once", "--json");

        assertThat(unknown.exitCode()).as(unknown.err()).isEqualTo(3);
        assertThat(unknown.out()).isEmpty();
    }

    /** As macOS has. It knows no coprocesses, and reads them as a mistake. */
    @Test
    void anOldBashIsRefusedBeforeItReadsWhatItDoesNotKnow(@TempDir Path path) throws IOException {
        Path script = path.resolve("monitor-connections.sh");
        Files.writeString(
                script,
                Files.readString(Monitor.SCRIPT).replace("< 404", "< 9904").replace("coproc SERVER {", "}"));

        Output refused = nowhere.run(List.of("bash", script.toString(), "--nagios"));

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).matches("monitor-connections.sh: this is bash .*; 4.4 or later is needed\n");
        assertThat(refused.out()).startsWith("CRABLET UNKNOWN - this is bash ");
    }

    @Test
    void theFirstLookMustSucceedAndLeavesTheTerminalAsItWas() throws IOException {
        try (Terminal terminal = nowhere.onTerminal()) {
            assertThat(terminal.awaitEnd()).isEqualTo(3);
            assertThat(terminal.screen()).contains("cannot ask the server").doesNotContain("\u001b[?1049h");
        }
    }
}
