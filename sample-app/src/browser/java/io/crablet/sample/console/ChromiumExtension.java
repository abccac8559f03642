package io.crablet.sample.console;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link Browser}: the Chromium that is installed, found on the path or by the system property
 * {@code crablet.test.chromium}. All tests share one process of it; each has its own context.
 */
final class ChromiumExtension implements ParameterResolver {

    /** A machine with two cores that builds something else meanwhile is slow. */
    private static final int PATIENCE_MS = 30_000;

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Browser.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(ChromiumExtension.class))
                .computeIfAbsent(Chromium.class, key -> new Chromium(), Chromium.class)
                .browser;
    }

    private static final class Chromium implements AutoCloseable {

        private final Playwright playwright;
        private final Browser browser;

        private Chromium() {
            playwright = Playwright.create(
                    new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
            browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(executable())
                            // Root, as in a container, can have no sandbox.
                            .setChromiumSandbox(false)
                            .setArgs(List.of("--disable-quic", "--disable-component-update")));
        }

        @Override
        public void close() {
            playwright.close();
        }
    }

    private static Path executable() {
        String told = System.getProperty("crablet.test.chromium", "");
        return told.isEmpty()
                ? Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                                .map(name -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalStateException(
                                        "There is no chromium on the path: install it, or name it with -Dcrablet.test.chromium=…"))
                : Path.of(told);
    }
}
