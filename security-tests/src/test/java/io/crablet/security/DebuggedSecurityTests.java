package io.crablet.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.security.PoolConsoleRightsTests.RulesForEndpoints;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;

/** Spring Security's debugging mode puts another filter in the place of its own. */
@ExtendWith(PostgresExtension.class)
class DebuggedSecurityTests {

    private static final String POOLS = "/actuator/poolconsole/pools";

    private final TestDatabase database;

    DebuggedSecurityTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void theRulesCountWhileTheyAreDebugged() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, Debugged.class)) {
            assertThat(application.as("reader").read(POOLS))
                    .containsKey("pools")
                    .doesNotContainKeys("operations", "csrf");
            assertThat(application.as("operator").read(POOLS)).containsKeys("operations", "csrf");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity(debug = true)
    @Import(RulesForEndpoints.class)
    static class Debugged {}
}
