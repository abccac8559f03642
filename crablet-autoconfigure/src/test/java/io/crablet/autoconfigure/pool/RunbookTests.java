package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.autoconfigure.Markdown;
import io.crablet.pool.PoolState;
import io.crablet.pool.VerdictCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever is on call finds a section for what he sees, and nothing that there is not. */
class RunbookTests {

    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");

    private static final Pattern OPERATION = Pattern.compile("\"operation\": \"([^\"]+)\"");

    private final Markdown runbook = Markdown.guide("runbook.md");

    @Test
    void everyVerdictHasASection() {
        assertThat(sections("Verdict: "))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(VerdictCause.values())
                        .map(VerdictCause::label)
                        .toList());
    }

    @Test
    void everyStateOfAPoolHasASection() {
        assertThat(sections("State: "))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(PoolState.values()).map(PoolState::label).toList());
    }

    @Test
    void everyAlertHasASection() throws IOException {
        String rules = Files.readString(Path.of("..", "dashboards", "prometheus", "crablet-rules.yml"));

        assertThat(runbook.headings().stream().filter(heading -> heading.startsWith("Crablet")))
                .containsExactlyInAnyOrderElementsOf(ALERT.matcher(rules)
                        .results()
                        .map(alert -> alert.group(1))
                        .toList());
    }

    @Test
    void theOperationsItNamesAreThoseOfTheEndpoint() {
        assertThat(operations())
                .isNotEmpty()
                .allSatisfy(operation ->
                        assertThat(PoolOperation.of(operation)).as(operation).isNotNull());
    }

    private List<String> sections(String prefix) {
        return runbook.headings().stream()
                .filter(heading -> heading.startsWith(prefix))
                .map(heading -> heading.substring(prefix.length()))
                .toList();
    }

    private Stream<String> operations() {
        return runbook.blocks().stream()
                .flatMap(block -> OPERATION.matcher(block.text()).results())
                .map(match -> match.group(1));
    }
}
