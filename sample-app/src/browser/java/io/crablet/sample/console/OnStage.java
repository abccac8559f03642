package io.crablet.sample.console;

import com.microsoft.playwright.Browser;
import io.crablet.eventstore.EventStore;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What the tests of the console have in common: a stage, a browser, and that every fault is over in the end. */
abstract class OnStage {

    @LocalServerPort
    int port;

    Stage stage;
    Browser browser;

    @BeforeEach
    void prepare(@Autowired DataSource dataSource, @Autowired EventStore store, Browser chromium) throws SQLException {
        stage = new Stage(port, dataSource, store);
        browser = chromium;
    }

    @AfterEach
    void clear() throws Exception {
        stage.clear();
    }

    ConsolePage open() {
        return ConsolePage.on(browser).open(port);
    }
}
