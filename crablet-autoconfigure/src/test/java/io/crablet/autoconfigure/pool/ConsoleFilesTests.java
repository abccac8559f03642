package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleFilesTests {

    private static final Path FOLDER = Path.of("src/main/resources/io/crablet/autoconfigure/console");

    private static final Pattern REFERENCE = Pattern.compile("(?:=\"poolconsole/|from '\\./)([^\"']+)[\"']");

    private final ConsoleFiles files = new ConsoleFiles();

    @Test
    void theListHasAllThatIsInTheFolderAndNothingElse() throws IOException {
        List<String> served = new ArrayList<>(ConsoleFiles.OWN);
        served.add(ConsoleFiles.PAGE);
        try (Stream<Path> folder = Files.list(FOLDER)) {
            assertThat(folder.map(file -> file.getFileName().toString())).hasSameElementsAs(served);
        }
    }

    @Test
    void whatThePageAndItsModulesReferToIsServed() throws IOException {
        List<String> references = new ArrayList<>();
        try (Stream<Path> folder = Files.list(FOLDER)) {
            for (Path file : folder.toList()) {
                REFERENCE.matcher(Files.readString(file)).results().forEach(found -> references.add(found.group(1)));
            }
        }
        assertThat(references)
                .contains("console.js", "console.css", "uPlot.iife.min.js", "uPlot.min.css")
                .allSatisfy(name -> assertThat(files.file(name)).isNotNull());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../console/console.js",
                "./console.js",
                "/io/crablet/autoconfigure/console/console.js",
                "dist/uPlot.iife.min.js",
                "uPlot.iife.js",
                "console.html",
                "CONSOLE.JS",
                ""
            })
    void noOtherNameLeadsAnywhereAlsoNotWhereTheServerLetsItPass(String name) {
        assertThat(files.file(name)).isNull();
    }

    @Test
    void thePageRefersToItsFilesByTheNameThatItHas() {
        String page = new String(files.page("console").bytes(), StandardCharsets.UTF_8);
        assertThat(page).contains("\"console/console.js\"").doesNotContain("poolconsole/");
    }

    @Test
    void thePageHasNothingThatAStrictPolicyWouldForbid() throws IOException {
        String page = Files.readString(FOLDER.resolve(ConsoleFiles.PAGE));
        assertThat(page).doesNotContain("<style", " style=", "javascript:", "http://", "https://");
        assertThat(page).doesNotContainPattern("<script(?![^>]* src=)").doesNotContainPattern(" on[a-z]+=");
    }
}
