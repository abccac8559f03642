package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The console in a browser window. Closing it fails if the page has complained, or has asked another host for something. */
final class ConsolePage implements AutoCloseable {

    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1");

    /**
     * How often a request is sent again when the server closes the connection before it answers. Playwright keeps connections of
     * its own for what it fetches in the page's place, and may use one that the server is just closing; a browser asks again.
     */
    private static final int RETRIES = 3;

    private final BrowserContext context;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private boolean failuresExpected;

    private ConsolePage(Browser browser, int width, int height, ColorScheme scheme) {
        context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setReducedMotion(ReducedMotion.REDUCE));
        page = context.newPage();
        page.onPageError(error -> complaints.add("page error: " + error));
        page.onConsoleMessage(message -> {
            if (!message.type().equals("log") && !isExpectedFailure(message.text())) {
                complaints.add(message.type() + ": " + message.text());
            }
        });
        page.onRequest(request -> {
            URI uri = URI.create(request.url());
            if (!HERE.contains(uri.getHost())) {
                complaints.add("request to " + uri);
            }
        });
    }

    static ConsolePage on(Browser browser) {
        return new ConsolePage(browser, 1440, 900, ColorScheme.LIGHT);
    }

    static ConsolePage on(Browser browser, int width, int height, ColorScheme scheme) {
        return new ConsolePage(browser, width, height, scheme);
    }

    /** Loads the page and waits until it shows a pool. */
    ConsolePage open(int port) {
        page.navigate("http://localhost:" + port + "/actuator/poolconsole");
        assertThat(page.locator("main")).isVisible();
        return this;
    }

    /** Changes what the application answers about each of its pools, to what cannot be staged. */
    ConsolePage answering(Consumer<ObjectNode> change) {
        return changing("**/poolconsole/pools/*", body -> change.accept((ObjectNode) body.get("report")));
    }

    /** Changes what the application answers about the server, once it has asked it. */
    ConsolePage answeringOfServer(Consumer<ObjectNode> change) {
        return answering(report -> {
            if (report.get("server") instanceof ObjectNode server) {
                change.accept(server);
            }
        });
    }

    /** Changes the latest value of a figure's history. */
    ConsolePage answeringLatest(String figure, int value) {
        return changing("**/poolconsole/pools/*", body -> {
            ArrayNode values = (ArrayNode) body.at("/history/" + figure);
            values.set(values.size() - 1, value);
        });
    }

    /** Has the application give a token against forged requests, as Spring Security does. */
    ConsolePage withToken(String header, String token) {
        return changing(
                "**/poolconsole/pools",
                body -> body.putObject("csrf").put("header", header).put("token", token));
    }

    /** Has the application allow its reader no operations any more. */
    ConsolePage withoutOperations() {
        return changing("**/poolconsole/pools", body -> body.remove("operations"));
    }

    private ConsolePage changing(String url, Consumer<ObjectNode> change) {
        page.route(url, route -> {
            APIResponse answer = route.fetch(new Route.FetchOptions().setMaxRetries(RETRIES));
            ObjectNode body = (ObjectNode) JsonMapper.shared().readTree(answer.text());
            change.accept(body);
            route.fulfill(new Route.FulfillOptions().setResponse(answer).setBody(body.toString()));
        });
        return this;
    }

    /** Chromium says so itself when an answer is an error. */
    ConsolePage expectFailures() {
        failuresExpected = true;
        return this;
    }

    private boolean isExpectedFailure(String message) {
        return failuresExpected && message.startsWith("Failed to load resource");
    }

    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    Locator at(String selector) {
        return page.locator(selector);
    }

    /** The rows of the borrowed connections. */
    Locator rows() {
        return page.locator("#connections tbody");
    }

    /** The rows of the borrowed connections in which this is to be read. */
    Locator rows(String text) {
        return rows().filter(new Locator.FilterOptions().setHasText(text));
    }

    Locator dialog() {
        return page.locator("dialog");
    }

    /** Presses the dialog's button that carries the operation out. */
    void confirm() {
        page.locator("#dialog-confirm").click();
    }

    Locator outcome() {
        return page.locator("#dialog-outcome");
    }

    boolean overflows() {
        return (boolean) page.evaluate("document.documentElement.scrollWidth > window.innerWidth");
    }

    @Override
    public void close() {
        // What the page asks for while it is being closed is nobody's to answer.
        page.unrouteAll();
        context.close();
        Assertions.assertThat(complaints).isEmpty();
    }
}
