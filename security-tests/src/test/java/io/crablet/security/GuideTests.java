package io.crablet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crablet.security.SecuredApplication.Browser;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The rules that the guide to the endpoint has for Spring Security, and what the runbook says to do behind a login. */
@ExtendWith(PostgresExtension.class)
class GuideTests {

    private static final String POOL = "/actuator/pool/dataSource";

    private static final Map<String, String> NO_TOKEN = Map.of();

    private final TestDatabase database;

    GuideTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void theRulesOfTheGuideAreThoseThatAreTestedHere() throws IOException {
        String rules = blocks("endpoint.md", "java").findFirst().orElseThrow();
        String tested = Files.readString(Path.of("src/test/java/io/crablet/security/GuideTests.java"));
        assertThat(rules).contains("SecurityFilterChain");
        for (String part : rules.replaceAll("//.*", "").split("\n\n", 2)) {
            assertThat(tested.replaceAll("\\s", "")).contains(part.replaceAll("\\s", ""));
        }
    }

    @Test
    void anOperatorNeedsNoTokenAndNobodyElseIsLetThrough() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, Rules.class)) {
            assertThat(application.as("operator").operate(POOL, NO_TOKEN)).isEqualTo(200);
            assertThat(application.as("reader").operate(POOL, NO_TOKEN)).isEqualTo(403);
            assertThat(application.anonymous().operate(POOL, NO_TOKEN)).isEqualTo(401);
            assertThat(application.as("reader").get(POOL).statusCode()).isEqualTo(200);
            assertThat(application.anonymous().get(POOL).statusCode()).isEqualTo(401);
            assertThat(application.anonymous().get("/actuator/health").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void theConsoleWorksAsBefore() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, Rules.class)) {
            assertThat(application.as("operator").read("/actuator/poolconsole/pools"))
                    .containsKey("operations");
            assertThat(application.as("reader").read("/actuator/poolconsole/pools"))
                    .doesNotContainKey("operations");
        }
    }

    @Test
    void noFormOfAnotherSiteIsAnOperation() throws Exception {
        try (SecuredApplication application = new SecuredApplication(database, Rules.class)) {
            Browser operator = application.as("operator");
            for (String form :
                    List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")) {
                assertThat(operator.operate(POOL, Map.of("Content-Type", form)))
                        .as(form)
                        .isEqualTo(415);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    void theRunbooksWayToLogInWorksInEachShell(String shell) throws Exception {
        assumeTrue(isThere(shell) && isThere("curl"), shell + " or curl is not installed");
        try (SecuredApplication application = new SecuredApplication(database, Rules.class)) {
            assertThat(paste(shell, application, "operator"))
                    .contains("\"outcome\":\"done\"")
                    .endsWith(" 0");
            assertThat(paste(shell, application, "reader")).endsWith(" 22");
        }
    }

    /** What an operation prints, and how curl ends, after what the runbook says to begin with. */
    private static String paste(String shell, SecuredApplication application, String user)
            throws IOException, InterruptedException {
        List<String> blocks = blocks("runbook.md", "sh").toList();
        String login = blocks.get(1);
        assertThat(login).contains("--user ops");
        String commands = blocks.get(0).replace("localhost:8080", application.address())
                + login.replace("--user ops", "--user " + user + ":" + user)
                + "curl -sS --fail-with-body $pool -H \"$json\" -d '{\"operation\": \"evict-idle\"}'; echo \" $?\"";
        Process process = new ProcessBuilder(shell, "-c", commands).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return printed.strip();
    }

    private static boolean isThere(String command) throws InterruptedException {
        try {
            return new ProcessBuilder(command, "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static Stream<String> blocks(String guide, String language) throws IOException {
        return Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$")
                .matcher(Files.readString(Path.of("..", "docs", guide)))
                .results()
                .map(block -> block.group(1));
    }

    @Configuration(proxyBeanMethods = false)
    static class Rules {

        @Bean
        @Order(1)
        SecurityFilterChain actuator(HttpSecurity http) {
            return http.securityMatcher(EndpointRequest.toAnyEndpoint())
                    .authorizeHttpRequests(rules -> rules.requestMatchers(EndpointRequest.to("health"))
                            .permitAll()
                            .requestMatchers(EndpointRequest.to("pool").withHttpMethod(HttpMethod.POST))
                            .hasRole("OPERATOR")
                            .anyRequest()
                            .authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .csrf(csrf -> csrf.ignoringRequestMatchers(EndpointRequest.to("pool")))
                    .build();
        }
    }
}
