package io.crablet.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.PoolStatistics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guides name every event that the sources log, and no other. */
class LogEventsDocumentationTests {

    private static final Pattern IN_SOURCES = Pattern.compile("\"(pool\\.[a-z-]+)\"");

    private static final Pattern IN_GUIDES = Pattern.compile("`(pool\\.[a-z-]+)`");

    @Test
    void theGuidesNameAllEventsAndNoOthers() throws IOException {
        TreeSet<String> logged = new TreeSet<>();
        for (String module : List.of("crablet-core", "crablet-autoconfigure")) {
            logged.addAll(names(IN_SOURCES, Path.of("..", module, "src", "main", "java")));
        }
        assertThat(logged).contains("pool.suspect", "pool.exhausted", "pool.capacity-adjusted");
        assertThat(names(IN_GUIDES, Path.of("..", "docs"))).isEqualTo(logged);
    }

    @Test
    void theGuidesListThemUnderTheKeyThatIsLogged() {
        for (String guide : List.of("health.md", "ledger.md", "pool.md")) {
            assertThat(read(Path.of("..", "docs", guide)))
                    .contains("`" + PoolStatistics.EVENT + "`")
                    .doesNotContain("`event`");
        }
    }

    private static TreeSet<String> names(Pattern pattern, Path directory) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(directory)) {
            // There are pictures, too.
            files.filter(file ->
                            file.toString().endsWith(".java") || file.toString().endsWith(".md"))
                    .flatMap(file -> pattern.matcher(read(file)).results())
                    .forEach(match -> names.add(match.group(1)));
        }
        return names;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
