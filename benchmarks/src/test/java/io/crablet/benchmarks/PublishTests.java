package io.crablet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishTests {

    private static final String PICTURE = "append-events-s-against-callers.png";

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenByHandStaysAndWhatIsMarkedIsReplaced() throws Exception {
        String page = published("""
                By hand $1.
                <!-- begin append -->
                old
                <!-- end append -->
                More by hand.
                <!-- begin streams -->
                of another run
                <!-- end streams -->
                """);

        assertThat(page)
                .startsWith("By hand $1.\n<!-- begin append -->\n**conditional append**\n")
                .contains(
                        "<!-- end append -->\nMore by hand.\n",
                        "<!-- begin streams -->\nNot measured in this run.\n<!-- end streams -->\n")
                .doesNotContain("old", "of another run");
    }

    @Test
    void whatHasNoPlaceGetsOneAtTheEnd() throws Exception {
        assertThat(published("By hand.\n"))
                .startsWith("By hand.\n")
                .contains("\n## targets\n\n<!-- begin targets -->\n", "\n## append\n\n<!-- begin append -->\n");
    }

    @Test
    void publishingTwiceChangesNothing() throws Exception {
        String once = published("<!-- begin environment -->\n<!-- end environment -->\n");

        assertThat(published(once)).isEqualTo(once);
    }

    @Test
    void threeNumbersOfCallersMakeAPicture() throws Exception {
        assertThat(published("")).contains("](images/" + PICTURE + ")");
        assertThat(folder.resolve("images/" + PICTURE)).isNotEmptyFile();
        assertThat(folder.resolve("images/" + PICTURE).toFile().length()).isLessThan(200_000);
    }

    private String published(String text) throws Exception {
        Path page = folder.resolve("performance.md");
        Files.writeString(page, text);
        Publish.publish(Samples.results(), page);
        return Files.readString(page);
    }
}
