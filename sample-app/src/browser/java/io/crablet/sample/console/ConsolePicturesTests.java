package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;

/**
 * Takes the pictures of the docs: into the folder that {@code crablet.screenshots} names, else where Maven builds. The application
 * is a fresh one, so that nothing of other tests is to be seen.
 */
@ConsoleTest
@DirtiesContext(classMode = DirtiesContext.ClassMode.BEFORE_CLASS)
class ConsolePicturesTests extends OnStage {

    /** What may be committed. */
    private static final int MAX_BYTES = 200_000;

    private static final String PUBLISHED = System.getProperty("crablet.screenshots", "");

    private static final Path FOLDER = Path.of(PUBLISHED.isEmpty() ? "target/screenshots" : PUBLISHED);

    /** A picture for the docs shows an application that has lived for a while: 4 min, in steps of 5 s. */
    private static final int SAMPLES = PUBLISHED.isEmpty() ? 2 : 48;

    @Test
    void thePageIsSeenWithSeveralFaultsAtOnce() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        await().atMost(Duration.ofMinutes(10)).until(() -> {
            stage.append(20 + turns.incrementAndGet() % 15);
            return stage.history("active").size() >= SAMPLES;
        });
        stage.begin("forgotten-connection", 1);
        stage.begin("idle-in-transaction", 2);
        stage.begin("lock-wait", 2);
        stage.begin("slow-query", 1);
        stage.begin("open-cursor-stream", 1);
        stage.begin("exhaustion", 3);
        if (!PUBLISHED.isEmpty()) {
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> stage.history("active").size() >= SAMPLES + 6);
        }
        picture("console-light.png", 1240, 960, ColorScheme.LIGHT);
        picture("console-dark.png", 1240, 960, ColorScheme.DARK);
        picture("console-phone.png", 375, 812, ColorScheme.DARK);
    }

    private void picture(String name, int width, int height, ColorScheme scheme) throws Exception {
        try (ConsolePage console =
                ConsolePage.on(browser, width, height, scheme).open(port)) {
            assertThat(console.at("#state-word")).hasText("Exhausted");
            assertThat(console.at("#out-of-service")).isVisible();
            assertThat(console.at("#charts figcaption").first()).containsText("active " + Stage.POOL);
            assertThat(console.rows().locator(".badge").getByText("Waiting for a lock"))
                    .hasCount(2);
            assertThat(console.rows().locator(".badge").getByText("Slow query")).hasCount(1);
            Path file = FOLDER.resolve(name);
            console.page().screenshot(new Page.ScreenshotOptions().setPath(file));
            assertThat(Files.size(file)).isBetween(10_000L, (long) MAX_BYTES);
        }
    }
}
