package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.crablet.pool.PoolWatch;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@ConsoleTest
class ConsoleUseTests extends OnStage {

    private static final String POOL = "**/poolconsole/pools/dataSource";

    /** Makes each answer take longer than the page waits between two questions, and counts those that are on their way. */
    private static final String SLOW_NETWORK = """
            (() => {
                const original = window.fetch;
                window.flying = 0;
                window.mostFlying = 0;
                window.landed = 0;
                window.fetch = async (url, options) => {
                    if (!String(url).endsWith('/pools/dataSource')) {
                        return original(url, options);
                    }
                    window.flying++;
                    window.mostFlying = Math.max(window.mostFlying, window.flying);
                    await new Promise(done => setTimeout(done, 3_000));
                    try {
                        return await original(url, options);
                    } finally {
                        window.flying--;
                        window.landed++;
                    }
                };
            })();
            """;

    @Test
    void theChartsAreFilledWhenThePageOpens() throws Exception {
        stage.begin("idle-in-transaction", 2);
        // In one step, and not only what the test before has left in it.
        await().atMost(Duration.ofSeconds(60)).until(() -> latest("suspects") == 2 && latest("active") == 2);
        try (ConsolePage console = ConsolePage.on(browser)) {
            AtomicInteger asked = new AtomicInteger();
            console.page().route(POOL, route -> {
                if (asked.incrementAndGet() == 1) {
                    route.resume();
                }
            });
            console.open(port);
            assertThat(console.at("#charts canvas")).hasCount(3);
            assertThat(console.at("#charts figcaption").first()).containsText("suspects 2");
            console.at("#charts-as-table summary").click();
            Locator latest = console.at("#charts-as-table tbody tr").first();
            assertThat(latest.locator("td").first()).hasText("2");
            assertThat(console.at("#charts-as-table thead")).containsText("Events appended a second");
        }
    }

    @Test
    void theTableOfTheChartsIsUpToDateWhenItIsOpenedAgainWhileFrozen() {
        try (ConsolePage console = ConsolePage.on(browser).answeringLatest("active", 71)) {
            console.open(port);
            Locator latest = console.at("#charts-as-table tbody tr")
                    .first()
                    .locator("td")
                    .first();
            console.at("#charts-as-table summary").click();
            assertThat(latest).hasText("71");
            console.at("#charts-as-table summary").click();

            console.answeringLatest("active", 72);
            assertThat(console.at("#charts figcaption").first()).containsText("active 72");
            console.at("#freeze").click();
            console.at("#charts-as-table summary").click();
            assertThat(latest).hasText("72");
        }
    }

    private int latest(String figure) throws Exception {
        List<JsonNode> values = stage.history(figure);
        return values.isEmpty() ? 0 : values.get(values.size() - 1).asInt();
    }

    @Test
    void frozenNothingIsAskedAndTheAgeIsShown() throws Exception {
        stage.begin("idle-in-transaction", 1);
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.page().clock().install();
            AtomicInteger asked = new AtomicInteger();
            console.page().onRequest(request -> asked.incrementAndGet());
            console.open(port);
            assertThat(console.rows()).hasCount(1);

            console.at("#freeze").click();
            assertThat(console.at("#freeze")).hasAttribute("aria-pressed", "true");
            stage.clear();
            int before = asked.get();
            console.page().clock().runFor(60_000);
            assertThat(console.at("#age")).containsText(Pattern.compile("Frozen: as of .*, (1 min|59 s)"));
            assertThat(console.rows()).hasCount(1);
            assertThat(asked).hasValue(before);

            console.at("#freeze").click();
            assertThat(console.rows()).hasCount(0);
            assertThat(asked).hasValueGreaterThan(before);
        }
    }

    @Test
    void aHiddenPageAsksNothing() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.page().clock().install(new Clock.InstallOptions().setTime("2026-11-23T12:00:00"));
            console.open(port);
            // From here on no time goes by of itself: the next question is planned, and none is on its way.
            console.page().clock().pauseAt("2026-11-23T12:30:00");
            assertThat(console.at("#age")).hasText("Live: as of 12:30:00");
            hide(console.page(), true);
            AtomicInteger asked = new AtomicInteger();
            console.page().onRequest(request -> asked.incrementAndGet());
            console.page().clock().runFor(30_000);
            console.page().clock().runFor(30_000);
            assertThat(asked).hasValue(0);

            console.page().waitForRequest(POOL, () -> hide(console.page(), false));
        }
    }

    @Test
    void anAnswerToAHiddenPageIsItsLast() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.page().clock().install();
            console.open(port);
            List<Route> held = new ArrayList<>();
            console.page().route(POOL, held::add);
            console.page().waitForRequest(POOL, () -> console.page().clock().runFor(2_000));
            await().until(() -> {
                console.page().evaluate("0");
                return held.size() == 1;
            });
            hide(console.page(), true);
            AtomicInteger asked = new AtomicInteger();
            console.page().onRequest(request -> asked.incrementAndGet());
            console.page().waitForResponse(POOL, () -> held.get(0).resume());
            console.page().clock().runFor(30_000);
            console.page().clock().runFor(30_000);
            assertThat(asked).hasValue(0);
        }
    }

    private static void hide(Page page, boolean hidden) {
        page.evaluate("""
                hidden => {
                    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
                    document.dispatchEvent(new Event('visibilitychange'));
                }
                """, hidden);
    }

    @Test
    void aSlowApplicationIsNeverAskedTwiceAtOnce() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.page().addInitScript(SLOW_NETWORK);
            console.open(port);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> (int) console.page().evaluate("window.landed") >= 3);
            assertThat(console.page().evaluate("window.mostFlying")).isEqualTo(1);
        }
    }

    @Test
    void theFilterLeavesWhatHasAllOfItsWords() throws Exception {
        stage.begin("idle-in-transaction", 2);
        stage.begin("slow-query", 1);
        try (ConsolePage console = open()) {
            assertThat(console.rows()).hasCount(3);
            console.at("#filter").fill("PG_SLEEP slow");
            assertThat(console.rows()).hasCount(1);
            assertThat(console.rows()).containsText("fault-slow-query-1");
            assertThat(console.at("#sites tbody")).hasCount(1);
            assertThat(console.at("#borrowed-count")).containsText("1 shown by the filter");
            console.at("#filter").fill("nothing like it");
            assertThat(console.rows()).hasCount(0);
            console.at("#filter").fill("");
            assertThat(console.rows()).hasCount(3);
        }
    }

    @Test
    void rowsAreSortedByTheColumnThatIsPressed() throws Exception {
        stage.begin("idle-in-transaction", 3);
        try (ConsolePage console = open()) {
            assertThat(console.rows()).hasCount(3);
            Locator header = console.at("#connections th[data-column=backend]");
            header.getByRole(AriaRole.BUTTON).click();
            assertThat(header).hasAttribute("aria-sort", "ascending");
            List<String> ascending = console.rows().locator(".c-backend").allInnerTexts();
            assertThat(ascending)
                    .isSortedAccordingTo((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
            header.getByRole(AriaRole.BUTTON).click();
            assertThat(header).hasAttribute("aria-sort", "descending");
            assertThat(console.rows().locator(".c-backend").allInnerTexts())
                    .containsExactly(ascending.get(2), ascending.get(1), ascending.get(0));
            assertThat(console.at("#connections th[data-column=held]"))
                    .not()
                    .hasAttribute("aria-sort", Pattern.compile(".*"));
        }
    }

    @Test
    void whatIsNotKnownIsSortedLastInBothDirections() throws Exception {
        stage.begin("idle-in-transaction", 3);
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(report -> {
                if (report.at("/borrowed/1") instanceof ObjectNode row) {
                    row.remove("backendPid");
                }
            });
            console.open(port);
            assertThat(console.rows()).hasCount(3);
            Locator header = console.at("#connections th[data-column=backend]");
            for (String direction : List.of("ascending", "descending")) {
                header.getByRole(AriaRole.BUTTON).click();
                assertThat(header).hasAttribute("aria-sort", direction);
                assertThat(console.rows().last().locator(".c-backend")).hasText("–");
            }
        }
    }

    @Test
    void anOpenRowStaysOpenAndKeepsTheFocus() throws Exception {
        stage.begin("idle-in-transaction", 2);
        try (ConsolePage console = open()) {
            Locator button = console.rows("fault-idle-in-transaction-2").locator(".unfold");
            button.click();
            Locator frames = console.rows("fault-idle-in-transaction-2").locator(".frames li");
            assertThat(frames.first()).hasText(Pattern.compile("IdleInTransaction\\.act"));
            String age = console.at("#age").innerText();
            stage.begin("slow-query", 1);
            assertThat(console.rows()).hasCount(3);
            assertThat(console.at("#age")).not().hasText(age);
            assertThat(button).isFocused();
            assertThat(button).hasAttribute("aria-expanded", "true");
            assertThat(frames.first()).isVisible();
        }
    }

    @Test
    void whatOthersHaveNamedIsTextAndNothingElse(@Autowired DataSource dataSource) throws Exception {
        String name = "<img src=x onerror=\"document.title='hacked'\">\u001b[31m";
        CountDownLatch shown = new CountDownLatch(1);
        Thread thread = new Thread(() -> hold(dataSource, shown), name);
        thread.start();
        try (ConsolePage console = open()) {
            assertThat(console.rows("<img src=x onerror=")).hasCount(1);
            assertThat(console.rows()).containsText("<b>operation</b>");
            console.rows().locator(".unfold").click();
            console.rows().locator("[data-operation=reclaim]").click();
            assertThat(console.dialog()).containsText("<img src=x onerror=");
            assertThat(console.at("main img, main b:has-text('operation'), dialog img"))
                    .hasCount(0);
            assertThat(console.page()).not().hasTitle("hacked");
        } finally {
            shown.countDown();
            thread.join();
        }
    }

    @SuppressWarnings("try")
    private static void hold(DataSource dataSource, CountDownLatch until) {
        try (PoolWatch.Operation operation = PoolWatch.operation("<b>operation</b>");
                Connection connection = dataSource.getConnection()) {
            until.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void onAPhoneNothingIsWiderThanTheScreen() throws Exception {
        stage.begin("idle-in-transaction", 1);
        stage.begin("lock-wait", 1);
        try (ConsolePage console =
                ConsolePage.on(browser, 375, 812, ColorScheme.DARK).open(port)) {
            assertThat(console.at("#chains > ul")).hasCount(1);
            console.rows().first().locator(".unfold").click();
            assertThat(console.overflows()).isFalse();
            assertThat(console.rows().first().locator("[data-operation=reclaim]"))
                    .isInViewport();
            console.rows().first().locator("[data-operation=reclaim]").click();
            assertThat(console.at("#dialog-cancel")).isInViewport();
            assertThat(console.overflows()).isFalse();
        }
    }

    @Test
    void theThemeIsKept() {
        try (ConsolePage console = open()) {
            assertThat(console.at("html")).hasAttribute("data-theme", "auto");
            console.at("#theme").click();
            console.at("#theme").click();
            assertThat(console.at("html")).hasAttribute("data-theme", "dark");
            assertThat(console.at("body")).hasCSS("background-color", "rgb(15, 20, 27)");
            console.open(port);
            assertThat(console.at("html")).hasAttribute("data-theme", "dark");
            assertThat(console.at("#theme")).hasText("Theme: dark");
        }
    }

    @Test
    void anApplicationThatIsGoneIsSaidAndComesBack() {
        try (ConsolePage console = open().expectFailures()) {
            console.context().setOffline(true);
            assertThat(console.at("#trouble")).containsText("The application cannot be reached. What you see is as of");
            assertThat(console.at("body")).hasAttribute("data-stale", "");
            console.context().setOffline(false);
            assertThat(console.at("#trouble")).isHidden();
            assertThat(console.at("#age")).containsText("Live");
        }
    }

    @Test
    void aLoginPageInsteadOfAnAnswerIsSaid() {
        try (ConsolePage console = open().expectFailures()) {
            console.page()
                    .route(
                            POOL,
                            route -> route.fulfill(new Route.FulfillOptions()
                                    .setStatus(302)
                                    .setHeaders(Map.of("Location", "/login"))));
            assertThat(console.at("#trouble")).containsText("You are not logged in any more");
            console.page().unroute(POOL);
            assertThat(console.at("#trouble")).isHidden();
        }
    }

    @Test
    void anAddressOfAPoolThatIsNotThereLeadsToOneThatIs() {
        try (ConsolePage console = ConsolePage.on(browser).expectFailures()) {
            console.page().navigate("http://localhost:" + port + "/actuator/poolconsole#nothing");
            assertThat(console.at("#trouble")).containsText("There is no pool 'nothing'; there are dataSource.");
            console.at("#trouble button").click();
            assertThat(console.at("#pool-name")).hasText("dataSource");
            assertThat(console.page()).hasURL(Pattern.compile("#dataSource$"));
        }
    }

    @Test
    void whoSkipsToTheBorrowedConnectionsStaysWithThePool() {
        try (ConsolePage console = open()) {
            console.at(".skip").focus();
            console.page().keyboard().press("Enter");
            assertThat(console.at("#borrowed")).isFocused();
            assertThat(console.page()).hasURL(Pattern.compile("#dataSource$"));
        }
    }
}
