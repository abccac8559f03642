package io.crablet.sample.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import java.sql.Connection;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

@ConsoleTest
@TestPropertySource(properties = "management.endpoint.pool.access=read-only")
class ConsoleReaderTests {

    @Test
    @SuppressWarnings("try")
    void whoMayOnlyReadSeesTheRowsButNoButtons(
            @Autowired DataSource dataSource, @LocalServerPort int port, Browser browser) throws Exception {
        try (Connection connection = dataSource.getConnection();
                ConsolePage console = ConsolePage.on(browser).open(port)) {
            assertThat(console.rows()).hasCount(1);
            assertThat(console.rows().locator(".badge")).isVisible();
            assertThat(console.at("[data-operation]")).hasCount(0);
            assertThat(console.at("#operations")).isHidden();
        }
    }
}
