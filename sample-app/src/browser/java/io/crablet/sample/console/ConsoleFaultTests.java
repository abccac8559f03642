package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ConsoleTest
class ConsoleFaultTests extends OnStage {

    @ParameterizedTest
    @CsvSource({
        "open-cursor-stream, 2, OpenCursorStream.act, Stream left open",
        "idle-in-transaction, 3, IdleInTransaction.act, Idle in transaction",
        "slow-query, 2, SlowQuery.act, Slow query",
        "dead-thread, 2, DeadThread.act, Thread has ended"
    })
    void aFaultIsShownWithItsVerdictBySiteAndByConnection(String kind, int count, String site, String verdict)
            throws Exception {
        stage.begin(kind, count);
        try (ConsolePage console = open()) {
            Locator rows = console.rows("fault: " + kind);
            assertThat(rows).hasCount(count);
            assertThat(rows.locator(".badge").getByText(verdict)).hasCount(count);
            assertThat(rows.locator(".grade")).hasCount(count);
            assertThat(rows.locator(".c-site .method").first()).hasText(site);
            assertThat(rows.locator(".c-backend").first()).containsText(Pattern.compile("\\d+"));
            Locator sites = console.at("#sites tbody");
            assertThat(sites).hasCount(1);
            assertThat(sites.locator(".c-count")).hasText(Integer.toString(count));
            assertThat(sites.locator(".badge")).hasText(verdict + " × " + count);
        }
    }

    @Test
    void aSecondConnectionIsShownWithBothLinesOfCode() throws Exception {
        stage.begin("second-connection", 1);
        try (ConsolePage console = open()) {
            assertThat(console.rows("fault: second-connection")
                            .locator(".badge")
                            .getByText("Second connection"))
                    .hasCount(2);
            assertThat(console.at("#incidents")).containsText("SecondConnection.borrowSecond");
            assertThat(console.at("#advice")).containsText("Use one connection for both");
        }
    }

    @Test
    void whoWaitsForALockIsDrawnBelowWhoHoldsIt() throws Exception {
        stage.begin("lock-wait", 3);
        try (ConsolePage console = open()) {
            assertThat(console.rows().locator(".badge").getByText("Waiting for a lock"))
                    .hasCount(3);
            assertThat(console.rows().locator(".badge").getByText("Idle in transaction"))
                    .hasCount(1);
            Locator chains = console.at("#chains > ul");
            assertThat(chains).hasCount(1);
            assertThat(chains.locator("> li > .link")).containsText("holds");
            assertThat(chains.locator("> li > .link")).containsText("fault: lock-wait");
            assertThat(chains.locator("> li > ul > li")).hasCount(1);
            assertThat(chains.locator(".link")).hasCount(4);
        }
    }

    @Test
    void whatTheServerDoesNotShowIsNotSaidToBeAbsent() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(report -> report.remove("server")).open(port);
            assertThat(console.at("#chains")).hasText("Whether anybody waits for a lock is not known.");
            console.page().unrouteAll();
            assertThat(console.at("#chains")).hasText("Nobody waits for a lock.");
        }
    }

    /** A leak that another test has staged would make it another state for minutes. */
    @Test
    void aHealthyPoolOfWhichHealthWarnsIsNotGreen() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answering(
                    report -> report.put("state", "healthy").put("message", "1 of 10 connections is in use."));
            console.open(port);
            assertThat(console.at("#state-word")).hasText("Healthy");
            assertThat(console.at("#state")).hasAttribute("data-tone", "good");

            console.answering(report -> report.put("state", "healthy")
                    .put("message", "1 of 10 connections is in use. 1 connection is held for too long."));
            assertThat(console.at("#state-word")).hasText("Healthy, with a warning");
            assertThat(console.at("#state")).hasAttribute("data-tone", "warn");
        }
    }

    @Test
    void whoWaitsInALongQueueIsDrawnOnce() throws Exception {
        stage.begin("lock-wait", 9);
        try (ConsolePage console = open()) {
            assertThat(console.at("#chains .link")).hasCount(10);
            List<String> drawn = console.at("#chains .link .what").allInnerTexts();
            assertThat(drawn).doesNotHaveDuplicates();
            assertThat(console.at("#chains .also:visible")).hasCount(0);
        }
    }

    /** It has got its lock while the server was asked. */
    @Test
    void aSessionWhoseBlockersAreNotKnownIsNotDrawn() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server -> {
                server.set("chains", json("[]"));
                server.set("blocked", json("[{'pid': 11, 'state': 'active', 'blockedBy': []}]"));
            });
            console.open(port);
            assertThat(console.at("#chains")).hasText("Nobody waits for a lock.");
            assertThat(console.at("#trouble")).isHidden();
        }
    }

    @Test
    void whoHasJustGotItsLockHoldsUpThoseWhoWaitForIt() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server -> {
                server.set("chains", json("[]"));
                server.set("blocked", json("""
                        [{'pid': 11, 'state': 'active', 'blockedBy': []},
                         {'pid': 12, 'state': 'active', 'blockedBy': [11]}]
                        """));
            });
            console.open(port);
            assertThat(console.at("#chains > ul > li > .link .role")).hasText("holds");
            assertThat(console.at("#chains > ul > li > .link .what")).hasText("backend 11");
            assertThat(console.at("#chains li li .link .what")).hasText("backend 12");
        }
    }

    @Test
    void aWaitIsAsLongAsTheWaitAndNotAsItsStatement() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server -> {
                server.set("chains", json("[{'holder': 11, 'waiting': [12, 13]}]"));
                server.set("blocked", json("""
                        [{'pid': 12, 'state': 'active', 'queryMs': 700000, 'waitingMs': 3000, 'blockedBy': [11]},
                         {'pid': 13, 'state': 'active', 'queryMs': 700000, 'blockedBy': [11]}]
                        """));
            });
            console.open(port);
            assertThat(console.at("#chains li li .wait")).hasText(new String[] {"active · 3 s", "active"});
        }
    }

    @Test
    void connectionsThatAreReservedDoNotMakeTheServerLookEmpty() {
        try (ConsolePage console = ConsolePage.on(browser)) {
            console.answeringOfServer(server ->
                    server.put("connections", 39).put("maxConnections", 100).put("reserved", 60));
            console.open(port);
            Locator meter = console.at("#meters [role=meter][aria-label=Server]");
            assertThat(console.at("#meters")).containsText("39 of max_connections 100, 60 reserved, all applications");
            assertThat(meter).hasAttribute("data-full", "");
            assertThat(meter).hasAttribute("aria-valuemax", "40");

            console.answeringOfServer(server ->
                    server.put("connections", 39).put("maxConnections", 100).remove("reserved"));
            assertThat(console.at("#meters")).containsText("39 of max_connections 100, all applications");
            assertThat(meter).not().hasAttribute("data-full", "");
            assertThat(meter).hasAttribute("aria-valuemax", "100");
        }
    }

    @Test
    void anExhaustedPoolIsSaidInWordsAndFigures() throws Exception {
        stage.begin("exhaustion", 4);
        try (ConsolePage console = open()) {
            assertThat(console.at("#state-word")).hasText("Exhausted");
            assertThat(console.at("#sentence")).containsText("All 10 connections are in use and 4 callers wait");
            assertThat(console.at("[data-count=waiting] dd")).hasText("4");
            assertThat(console.at("#state")).containsText("10 active and 0 idle of 10, 4 callers wait");
            assertThat(console.at("#state")).containsText("of max_connections");
            assertThat(console.at("#announcement")).containsText("Exhausted");
            assertThat(console.rows().locator(".badge").getByText("In use")).hasCount(Stage.POOL);
        }
    }

    @Test
    void forgottenConnectionsAreShownWhenTheyAreTakenBack() throws Exception {
        try (ConsolePage console = open()) {
            stage.begin("forgotten-connection", 2);
            Locator leak = console.at("#incidents tbody")
                    .filter(new Locator.FilterOptions().setHasText("fault: forgotten-connection"))
                    .first();
            assertThat(leak.locator(".badge")).hasText("Forgotten");
            assertThat(leak.locator(".c-outcome")).hasText("returned");
            assertThat(leak).containsText("ForgottenConnection.borrowAndForget");
        }
    }

    /** Reads JSON that is written with single quotes. */
    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text.replace('\'', '"'));
    }
}
