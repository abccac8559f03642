package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Route;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

@ConsoleTest
class ConsoleOperationTests extends OnStage {

    private static final String OPERATION = "**/actuator/pool/dataSource";

    /** Lets the connection break while the answer to an operation is read. */
    private static final String BROKEN_ANSWER = """
            (() => {
                const original = window.fetch;
                const broken = {start: body => body.error(new TypeError('network error'))};
                window.fetch = async (url, options) =>
                    options.method === 'POST' ? new Response(new ReadableStream(broken)) : original(url, options);
            })();
            """;

    @Test
    void aConnectionIsReclaimedAfterTheDialogHasSaidWhose() throws Exception {
        stage.begin("idle-in-transaction", 2);
        try (ConsolePage console = open()) {
            Locator row = console.rows("fault-idle-in-transaction-1");
            press(row, "reclaim");

            assertThat(console.dialog()).containsText("thread fault-idle-in-transaction-1");
            assertThat(console.dialog()).containsText("in operation fault: idle-in-transaction");
            assertThat(console.dialog()).containsText("IdleInTransaction.act(IdleInTransaction.java");
            assertThat(console.dialog()).containsText("its transaction is rolled back");
            assertThat(console.at("#dialog-cancel")).isFocused();
            console.confirm();

            assertThat(console.outcome())
                    .containsText("Done: Closed the connection that thread fault-idle-in-transaction-1");
            assertThat(console.outcome()).containsText("active 2 → 1");
            assertThat(console.at("#dialog-confirm")).isHidden();
            console.page().keyboard().press("Escape");
            assertThat(console.dialog()).isHidden();
            assertThat(row).hasCount(0);
            assertThat(console.rows()).hasCount(1);
            assertThat(console.at("#operation-entries li").first()).containsText("Reclaim a connection");
            assertThat(console.at("#operation-entries li").first()).containsText("Done");
        }
    }

    @Test
    void aSlowQueryIsCancelled() throws Exception {
        stage.begin("slow-query", 1);
        try (ConsolePage console = open()) {
            assertThat(console.rows().locator(".badge")).hasText("Slow query");
            press(console.rows(), "cancel");

            assertThat(console.dialog()).containsText("select pg_sleep");
            assertThat(console.dialog()).containsText("57014");
            console.confirm();

            assertThat(console.outcome()).containsText("Done");
            assertThat(console.rows()).hasCount(0);
            assertThat(console.at("#borrowed-count")).hasText("Nobody has borrowed a connection.");
        }
    }

    @Test
    void theHolderOfALockIsTerminatedFromItsChain() throws Exception {
        stage.begin("lock-wait", 2);
        try (ConsolePage console = open()) {
            Locator holder = console.at("#chains > ul > li > .link");
            assertThat(holder).containsText("fault: lock-wait");
            press(holder, "terminate");

            assertThat(console.dialog()).containsText("Terminate backend");
            assertThat(console.dialog()).containsText("its transaction is rolled back");
            console.confirm();

            assertThat(console.outcome()).containsText("Done: ");
            assertThat(console.at("#chains .link")).hasCount(0);
        }
    }

    @Test
    void idleConnectionsAreEvicted() {
        try (ConsolePage console = open()) {
            await().until(() -> stage.total() > 0);
            console.at("#operations [data-operation=evict-idle]").click();
            assertThat(console.dialog()).containsText("Nobody notices");
            console.confirm();
            assertThat(console.outcome()).containsText("Done");
            assertThat(console.outcome()).containsText("total");
        }
    }

    @Test
    void aResetNeedsThePoolsName() throws Exception {
        stage.begin("idle-in-transaction", 2);
        try (ConsolePage console = open().expectFailures()) {
            assertThat(console.rows()).hasCount(2);
            console.at("#operations [data-operation=reset]").click();
            assertThat(console.dialog()).containsText("the 2 in use");
            Locator name = console.at("dialog input");

            name.fill("another");
            console.confirm();
            assertThat(console.outcome()).containsText("Not understood");
            assertThat(console.rows()).hasCount(2);

            name.fill("dataSource");
            console.page().keyboard().press("Enter");
            assertThat(console.outcome()).containsText("Done");
            assertThat(console.rows()).hasCount(0);
            assertThat(console.at("#operation-entries > li")).hasCount(2);
        }
    }

    @Test
    void aResizeBeyondTheServerIsRefusedWithTheSum() {
        try (ConsolePage console = open().expectFailures()) {
            console.at("#operations [data-operation=resize]").click();
            assertThat(console.at("dialog input[name=maximumPoolSize]")).hasValue(Integer.toString(Stage.POOL));
            console.at("dialog input[name=maximumPoolSize]").fill("500");
            console.confirm();
            assertThat(console.outcome()).containsText("Refused");
            assertThat(console.outcome()).containsText("max_connections");
        }
    }

    @Test
    void whatIsCancelledWithTheKeyboardIsNotDone() throws Exception {
        stage.begin("idle-in-transaction", 1);
        try (ConsolePage console = open()) {
            press(console.rows(), "reclaim");
            console.page().keyboard().press("Enter");
            assertThat(console.dialog()).isHidden();
            assertThat(console.rows().locator("[data-operation=reclaim]")).isFocused();
            press(console.rows(), "reclaim");
            console.page().keyboard().press("Escape");
            assertThat(console.dialog()).isHidden();
            assertThat(console.at("#operation-log")).isHidden();
            assertThat(console.rows()).hasCount(1);
        }
    }

    @Test
    void nothingIsDoneToAConnectionThatHasComeBackMeanwhile() throws Exception {
        stage.begin("idle-in-transaction", 1);
        try (ConsolePage console = open()) {
            press(console.rows(), "reclaim");
            stage.clear();
            console.confirm();
            assertThat(console.outcome()).containsText("Not done: The connection has come back by itself meanwhile");
        }
    }

    @Test
    void aRefusalToTheReaderIsASentence() throws Exception {
        stage.begin("idle-in-transaction", 1);
        try (ConsolePage console = open().expectFailures()) {
            console.page().route(OPERATION, route -> route.fulfill(new Route.FulfillOptions().setStatus(403)));
            press(console.rows(), "reclaim");
            console.confirm();
            assertThat(console.outcome()).containsText("You may not do this");
            assertThat(console.rows()).hasCount(1);
        }
    }

    @Test
    void anOperationWithoutAnAnswerMayHaveBeenDone() {
        try (ConsolePage console = open().expectFailures()) {
            console.page().route(OPERATION, Route::abort);
            console.at("#operations [data-operation=evict-idle]").click();
            console.confirm();
            assertThat(console.outcome())
                    .hasText("Not known: The application cannot be reached. "
                            + "Whether it was done is not known: look at the pool.");

            console.page().route(OPERATION, route -> route.fulfill(new Route.FulfillOptions().setStatus(502)));
            console.confirm();
            assertThat(console.outcome())
                    .hasText("Not known: The application has answered with an error (502). "
                            + "Whether it was done is not known: look at the pool.");
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNoLoginPage() {
        try (ConsolePage console = open()) {
            console.page().evaluate(BROKEN_ANSWER);
            console.at("#operations [data-operation=evict-idle]").click();
            console.confirm();
            assertThat(console.outcome())
                    .hasText("Not known: The application’s answer broke off. "
                            + "Whether it was done is not known: look at the pool.");
        }
    }

    @Test
    void theIdleInTransactionAreCountedWithTheAbortedOnesAndAsTheWholeServers() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server ->
                    server.putObject("byState").put("idle in transaction", 2).put("idle in transaction (aborted)", 1));
            console.open(port);
            console.at("#operations [data-operation=terminate-idle-in-transaction]")
                    .click();
            assertThat(console.dialog())
                    .containsText("3 sessions are idle in transaction now, on the whole server, for any time.");
        }
    }

    @Test
    void whereNobodyKnowsTheSessionsNoneAreCounted() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server -> server.remove("byState"));
            console.open(port);
            console.at("#operations [data-operation=terminate-idle-in-transaction]")
                    .click();
            assertThat(console.dialog()).containsText("Their transactions are rolled back");
            assertThat(console.dialog()).not().containsText("idle in transaction now");
        }
    }

    private static void press(Locator place, String operation) {
        place.locator("[data-operation=" + operation + "]").click();
    }

    /** Behind a pooler, or where the watch asks another server, the same number is somebody else's. */
    @Test
    void noBackendIsSignalledThatIsNotTheServers() throws Exception {
        stage.begin("lock-wait", 1);
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(report -> {
                if (report.get("server") instanceof ObjectNode server) {
                    server.put("joinable", false);
                }
                forEachRow(report, row -> row.remove("server"));
            });
            console.open(port);
            assertThat(console.rows()).hasCount(2);
            assertThat(console.at("#chains .link")).hasCount(2);
            assertThat(console.at("#chains")).not().containsText("fault: lock-wait");
            Locator row = console.rows().first();
            assertThat(row.locator("[data-operation=cancel]")).isDisabled();
            assertThat(row.locator("[data-operation=terminate]")).isDisabled();
            assertThat(row.locator("[data-operation=reclaim]")).isEnabled();
            press(console.at("#chains .link").first(), "terminate");
            assertThat(console.dialog()).containsText("a session that is not known to be of this pool");
        }
    }

    @Test
    void noBackendIsSignalledWhileTheServerDoesNotAnswer() throws Exception {
        stage.begin("idle-in-transaction", 1);
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(report -> report.putObject("server")
                    .put("failure", "The server does not answer in time")
                    .put("since", "2026-11-23T12:00:00Z")
                    .put("advice", "Look at it."));
            console.open(port);
            assertThat(console.at("#server-summary")).containsText("The server does not answer in time");
            assertThat(console.rows().locator(".c-backend")).hasText(Pattern.compile("\\d+"));
            assertThat(console.rows().locator("[data-operation=cancel]")).isDisabled();
            assertThat(console.rows().locator("[data-operation=terminate]")).isDisabled();
            assertThat(console.rows().locator("[data-operation=reclaim]")).isEnabled();
        }
    }

    /** The server was asked before the connection was given to another thread. */
    @Test
    void whoHasBorrowedAConnectionSinceIsNotBlamedForItsSession() throws Exception {
        stage.begin("slow-query", 1);
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(report -> forEachRow(report, row -> {
                row.remove("server");
                if (report.get("server") instanceof ObjectNode server) {
                    server.putArray("longRunning")
                            .addObject()
                            .put("pid", row.get("backendPid").asInt())
                            .put("user", "somebody")
                            .put("state", "active")
                            .put("queryMs", 700_000)
                            .putArray("blockedBy");
                }
            }));
            console.open(port);
            Locator session = console.at("#sessions tbody");
            assertThat(session).containsText("somebody");
            assertThat(session).not().containsText("fault-slow-query");
            press(session, "terminate");
            assertThat(console.dialog()).containsText("a session that is not known to be of this pool: role somebody");
            assertThat(console.dialog()).not().containsText("fault-slow-query");
            assertThat(console.dialog()).not().containsText("slot");
            assertThat(console.dialog()).not().containsText("borrower");
        }
    }

    @Test
    void whoMayNoLongerOperateSeesNoButtons() throws Exception {
        stage.begin("lock-wait", 1);
        try (ConsolePage console = open()) {
            assertThat(console.at("#chains [data-operation=terminate]")).hasCount(2);
            console.withoutOperations();
            assertThat(console.at("#operations")).isHidden();
            assertThat(console.at("#chains .link")).hasCount(2);
            assertThat(console.at("[data-operation]")).hasCount(0);
        }
    }

    private static void forEachRow(ObjectNode report, Consumer<ObjectNode> change) {
        report.get("borrowed").forEach(row -> change.accept((ObjectNode) row));
    }
}
