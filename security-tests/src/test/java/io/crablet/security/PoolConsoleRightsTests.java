package io.crablet.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.security.SecuredApplication.Browser;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.IpAddressAuthorizationManager;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;

/** What the console offers to whom, and that Spring Security's rules hold for what it offers. */
@ExtendWith(PostgresExtension.class)
class PoolConsoleRightsTests {

    private static final String CONSOLE = "/actuator/poolconsole";

    private static final String POOL = "/actuator/pool/dataSource";

    private static final Map<String, String> NOTHING = Map.of();

    private final TestDatabase database;

    PoolConsoleRightsTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void aReaderIsOfferedNothingAndAnOperatorIsWithATokenThatWorks() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, RulesForEndpoints.class)) {
            assertThat(application.as("reader").read(CONSOLE + "/pools"))
                    .containsKey("pools")
                    .doesNotContainKeys("operations", "csrf");

            Browser operator = application.as("operator");
            Map<String, Object> offered = operator.read(CONSOLE + "/pools");
            assertThat(offered).containsEntry("operations", Map.of("dataSource", "pool/dataSource"));
            assertThat(operator.operate(POOL, token(offered))).isEqualTo(200);
            assertThat(operator.operate(POOL, NOTHING)).isEqualTo(403);
            assertThat(application.as("operator").operate(POOL, token(offered))).isEqualTo(403);

            Browser reader = application.as("reader");
            reader.get(CONSOLE + "/pools");
            assertThat(reader.operate(POOL, token(offered))).isEqualTo(403);
        }
    }

    @Test
    void theTokenIsAnotherEachTimeAndEachWorks() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, RulesForEndpoints.class)) {
            Browser operator = application.as("operator");
            Map<String, String> first = token(operator.read(CONSOLE + "/pools"));
            Map<String, String> second = token(operator.read(CONSOLE + "/pools"));
            assertThat(first).isNotEqualTo(second);
            assertThat(operator.operate(POOL, first)).isEqualTo(200);
            assertThat(operator.operate(POOL, second)).isEqualTo(200);
        }
    }

    @Test
    void whoHasNotLoggedInSeesNothing() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, RulesForEndpoints.class)) {
            for (String path : List.of("", "/console.js", "/uPlot.iife.min.js", "/pools", "/pools/dataSource")) {
                assertThat(application.anonymous().get(CONSOLE + path).statusCode())
                        .isEqualTo(401);
                assertThat(application.as("reader").get(CONSOLE + path).statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void onAManagementPortItsRulesCount() throws Exception {
        try (SecuredApplication application = new SecuredApplication(
                database,
                RulesForEndpoints.class,
                "management.server.port=0",
                "management.server.base-path=/admin",
                "server.servlet.context-path=/shop")) {
            String pools = "/admin" + CONSOLE + "/pools";
            assertThat(application.onManagementPortAs("reader").read(pools))
                    .containsKey("pools")
                    .doesNotContainKeys("operations", "csrf");
            Browser operator = application.onManagementPortAs("operator");
            Map<String, Object> offered = operator.read(pools);
            assertThat(offered).containsKey("operations");
            assertThat(operator.operate("/admin" + POOL, token(offered))).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/shop/mvc", "/shop"})
    void rulesForPathsCountAsTheyDoForTheOperation(String prefix) throws Exception {
        String servlet = prefix.substring("/shop".length());
        try (SecuredApplication application = new SecuredApplication(
                database,
                RulesForPaths.class,
                "server.servlet.context-path=/shop",
                "spring.mvc.servlet.path=" + (servlet.isEmpty() ? "/" : servlet))) {
            String pools = prefix + CONSOLE + "/pools";
            assertThat(application.as("reader").read(pools))
                    .containsKey("pools")
                    .doesNotContainKey("operations");
            Browser operator = application.as("operator");
            Map<String, Object> offered = operator.read(pools);
            assertThat(offered).containsKeys("operations", "csrf");
            assertThat(operator.operate(prefix + POOL, token(offered))).isEqualTo(200);
            assertThat(application.as("reader").operate(prefix + POOL, NOTHING)).isEqualTo(403);
        }
    }

    @Test
    void withoutProtectionAgainstForgedRequestsThereIsNoToken() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, NoCsrf.class)) {
            Browser operator = application.as("operator");
            assertThat(operator.read(CONSOLE + "/pools"))
                    .containsKey("operations")
                    .doesNotContainKey("csrf");
            assertThat(operator.operate(POOL, NOTHING)).isEqualTo(200);
            assertThat(application.as("reader").read(CONSOLE + "/pools")).doesNotContainKey("operations");
        }
    }

    @Test
    void theSendersAddressCountsAndATokenMayBeInACookie() throws Exception {
        try (SecuredApplication application =
                new SecuredApplication(database, RulesForAddresses.class, "test.allowed=127.0.0.1")) {
            Browser operator = application.as("operator");
            Map<String, Object> offered = operator.read(CONSOLE + "/pools");
            assertThat(offered).containsKeys("operations", "csrf");
            assertThat(operator.operate(POOL, token(offered))).isEqualTo(200);
        }
        try (SecuredApplication application =
                new SecuredApplication(database, RulesForAddresses.class, "test.allowed=10.0.0.1")) {
            assertThat(application.as("operator").read(CONSOLE + "/pools"))
                    .containsKey("pools")
                    .doesNotContainKey("operations");
        }
    }

    @Test
    void sqlIsShownToWhoHasLoggedInAsTheEndpointDoes() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, EverybodyReads.class);
                Connection connection = application.pool().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 'a secret'");
            String one = CONSOLE + "/pools/dataSource";
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(application.as("reader").get(one).body())
                                    .contains("\"lastStatement\":\"select ?\""));
            assertThat(application.anonymous().get(one).body())
                    .contains("idle in transaction")
                    .doesNotContain("select");
            connection.rollback();
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> token(Map<String, Object> offered) {
        Map<String, String> csrf = (Map<String, String>) offered.get("csrf");
        assertThat(csrf).containsOnlyKeys("header", "token");
        return Map.of(csrf.get("header"), csrf.get("token"));
    }

    @Configuration(proxyBeanMethods = false)
    static class RulesForEndpoints {

        @Bean
        SecurityFilterChain rules(HttpSecurity http) {
            return http.authorizeHttpRequests(rules -> rules.requestMatchers(
                                    EndpointRequest.to("pool").withHttpMethod(HttpMethod.POST))
                            .hasRole("OPERATOR")
                            .requestMatchers(EndpointRequest.toAnyEndpoint())
                            .authenticated()
                            .anyRequest()
                            .permitAll())
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RulesForPaths {

        @Bean
        SecurityFilterChain rules(HttpSecurity http) {
            return http.securityMatcher("/actuator/**")
                    .authorizeHttpRequests(rules -> rules.requestMatchers(HttpMethod.POST, "/actuator/pool/**")
                            .hasRole("OPERATOR")
                            .anyRequest()
                            .authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NoCsrf {

        @Bean
        SecurityFilterChain rules(HttpSecurity http) {
            return http.authorizeHttpRequests(rules -> rules.requestMatchers(HttpMethod.POST)
                            .hasRole("OPERATOR")
                            .anyRequest()
                            .authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .csrf(AbstractHttpConfigurer::disable)
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RulesForAddresses {

        @Bean
        SecurityFilterChain rules(HttpSecurity http, @Value("${test.allowed}") String allowed) {
            return http.authorizeHttpRequests(rules -> rules.requestMatchers(HttpMethod.POST)
                            .access(IpAddressAuthorizationManager.hasIpAddress(allowed))
                            .anyRequest()
                            .authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .csrf(csrf -> csrf.csrfTokenRepository(new CookieCsrfTokenRepository()))
                    .build();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class EverybodyReads {

        @Bean
        SecurityFilterChain rules(HttpSecurity http) {
            return http.authorizeHttpRequests(rules -> rules.anyRequest().permitAll())
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }
    }
}
