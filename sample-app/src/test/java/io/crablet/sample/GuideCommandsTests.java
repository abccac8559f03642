package io.crablet.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.util.StringUtils;

/**
 * The commands with curl of the guides, run as they stand, one after another, against the running sample. Only the port is
 * another one, and nobody waits for as long.
 */
@SampleTest
@ActiveProfiles("faults")
@DirtiesContext
class GuideCommandsTests {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

    /** The sample has none; the security tests try it. */
    private static final String LOGIN = "curl()";

    /**
     * Notes the status of each request, in one write, as some are sent side by side. What follows the events ends by itself, as if
     * by Ctrl-C.
     */
    private static final String PRELUDE = """
            set -uo pipefail
            sleep() { command sleep 1; }
            command -v jq >/dev/null || jq() { cat >/dev/null; }
            curl() {
                local limit=20 code status
                if [[ $1 == -N ]]; then limit=2; fi
                { code=$(command curl --silent --max-time $limit "$@" --write-out '%{stderr}%{http_code}' 2>&1 >&3); } 3>&1
                status=$?
                echo "$code" >>statuses
                if ((status != 0 && (status != 28 || limit != 2))); then echo "exit $status: curl $*" >>statuses; fi
            }
            """;

    @LocalServerPort
    int port;

    @TempDir
    Path folder;

    @BeforeAll
    static void requireCurl() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("bash", "-c", "curl --version >/dev/null")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "bash or curl is not installed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/faults.md", "docs/endpoint.md", "docs/runbook.md"})
    void theyAllReachSomething(String page) throws Exception {
        String commands = blocks(page).stream()
                .filter(block -> block.contains("curl") || block.contains("pool="))
                .filter(block -> !block.startsWith(LOGIN))
                .collect(Collectors.joining())
                .replace("localhost:8080", "localhost:" + port)
                .replaceAll("seconds=\\d+", "seconds=2");

        run(commands);

        List<String> statuses = Files.readAllLines(folder.resolve("statuses"));
        // 409 is a full course, or an operation on a session or connection that there is not; 503 is a pool that is
        // exhausted.
        assertThat(statuses)
                .hasSizeGreaterThanOrEqualTo(StringUtils.countOccurrencesOf(commands, "curl "))
                .allMatch(status -> status.matches("20[0-2]|409|503"));
    }

    private void run(String commands) throws Exception {
        Process bash = new ProcessBuilder("bash", "-c", PRELUDE + commands + "wait\n")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        assertThat(bash.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue())
                .as(Files.readString(folder.resolve("output")))
                .isZero();
    }

    private static List<String> blocks(String page) throws IOException {
        return BLOCK.matcher(Files.readString(Path.of("..", page)))
                .results()
                .map(block -> block.group(1))
                .toList();
    }
}
