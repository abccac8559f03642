package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Request;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.node.ObjectNode;

/** The console of an application with a second pool, which can be suspended. */
@ConsoleTest
@Import(ConsolePoolsTests.SecondPool.class)
@TestPropertySource(properties = "spring.datasource.hikari.allow-pool-suspension=true")
class ConsolePoolsTests {

    @LocalServerPort
    int port;

    @Test
    @SuppressWarnings("try")
    void eachPoolIsShownForItself(@Autowired @Qualifier("reports") HikariDataSource reports, Browser browser)
            throws Exception {
        try (Connection connection = reports.getConnection();
                ConsolePage console = ConsolePage.on(browser).open(port)) {
            Locator pools = console.at("#pools");
            assertThat(pools).containsText("dataSource");
            assertThat(pools).containsText("reports");
            assertThat(console.at("#pool-name")).hasText("dataSource");
            assertThat(console.rows()).hasCount(0);

            pools.getByText("reports").click();
            assertThat(console.at("#pool-name")).hasText("reports");
            assertThat(console.page()).hasURL(Pattern.compile("#reports$"));
            assertThat(console.rows()).hasCount(1);
            assertThat(console.rows()).containsText("ConsolePoolsTests.eachPoolIsShownForItself");
            console.rows().locator("[data-operation=reclaim]").click();
            console.confirm();
            assertThat(console.outcome()).containsText("Done");
            Assertions.assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    @SuppressWarnings("try")
    void nothingThatWasOpenedOrFilteredInOnePoolIsSoInAnother(
            @Autowired DataSource dataSource,
            @Autowired @Qualifier("reports") HikariDataSource reports,
            Browser browser)
            throws Exception {
        try (Connection first = borrow(dataSource);
                Connection second = borrow(reports);
                ConsolePage console = ConsolePage.on(browser)) {
            // Both have the keys that every pool can have.
            console.answering(report -> {
                report.get("borrowed").forEach(row -> ((ObjectNode) row).put("id", 1));
                report.putArray("recentLeaks");
                ObjectNode timeout = report.putArray("recentTimeouts").addObject();
                timeout.put("at", "2026-11-23T12:00:00Z").put("thread", "main").put("waitedMs", 1_000);
                timeout.putArray("frames").add("shop.Orders.importOrders(Orders.java:14)");
                timeout.putArray("holders");
            });
            console.open(port);
            Locator folded = console.at(".unfold");
            assertThat(folded).hasCount(3);
            for (Locator button : folded.all()) {
                button.click();
            }
            console.at("#filter").fill("borrow");
            assertThat(console.at("tr.detail:visible")).hasCount(3);

            console.at("#pools").getByText("reports").click();
            assertThat(console.at("#pool-name")).hasText("reports");
            assertThat(console.at("#filter")).hasValue("");
            assertThat(console.at("#borrowed-count")).not().containsText("filter");
            assertThat(folded).hasCount(3);
            assertThat(console.at("tr.detail:visible")).hasCount(0);
            assertThat(console.at(".unfold[aria-expanded=true]")).hasCount(0);
        }
    }

    /** So that all are borrowed at one line of code. */
    private static Connection borrow(DataSource pool) throws SQLException {
        return pool.getConnection();
    }

    @Test
    void aPoolIsSuspendedAndResumed(Browser browser) {
        try (ConsolePage console = ConsolePage.on(browser).open(port)) {
            console.at("#operations [data-operation=suspend]").click();
            console.confirm();
            assertThat(console.outcome()).containsText("Done");
            console.page().keyboard().press("Escape");
            assertThat(console.at("#state-word")).containsText("Exhausted");
            assertThat(console.at("#state")).containsText("The pool is suspended");

            console.at("#operations [data-operation=resume]").click();
            console.confirm();
            assertThat(console.outcome()).containsText("Done");
            console.page().keyboard().press("Escape");
            assertThat(console.at("#state-word")).not().containsText("Exhausted");
        }
    }

    @Test
    void anOperationCarriesTheTokenThatTheApplicationGives(Browser browser) {
        try (ConsolePage console = ConsolePage.on(browser).withToken("X-CSRF-TOKEN", "of-this-session")) {
            console.open(port);
            console.at("#operations [data-operation=evict-idle]").click();
            Request operation = console.page().waitForRequest("**/actuator/pool/dataSource", console::confirm);
            assertThat(console.outcome()).containsText("Done");
            Assertions.assertThat(operation.method()).isEqualTo("POST");
            Assertions.assertThat(operation.headerValue("X-CSRF-TOKEN")).isEqualTo("of-this-session");
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class SecondPool {

        @Bean(defaultCandidate = false)
        HikariDataSource reports(JdbcConnectionDetails database) {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(database.getJdbcUrl());
            pool.setUsername(database.getUsername());
            pool.setPassword(database.getPassword());
            pool.setMaximumPoolSize(2);
            return pool;
        }
    }
}
