package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolTimeline;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the console is served, over HTTP, as it is without any setting of its own. */
@ExtendWith(PostgresExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class PoolConsoleTests {

    private static final String CONSOLE = "/actuator/poolconsole";

    private static final String POOL = CONSOLE + "/pools/dataSource";

    private final EndpointApplication application;

    PoolConsoleTests(TestDatabase database) {
        this.application = new EndpointApplication(
                database,
                List.of(EndpointApplication.Application.class, EndpointApplication.UserOfTheEventStore.class),
                "crablet.event-store.enabled=true",
                "spring.application.name=orders",
                EndpointApplication.UNRESTRICTED);
    }

    @AfterAll
    void close() {
        application.close();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            '', text/html
            /console.js, text/javascript
            /console.css, text/css
            /uPlot.iife.min.js, text/javascript
            /uPlot.min.css, text/css
            """)
    void thePageAndItsFilesComeFromTheJarWithTheirTypes(String file, String type) throws Exception {
        HttpResponse<String> answer = application.get(CONSOLE + file);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type + ";charset=UTF-8");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .contains("default-src 'none'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(answer.body()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing.js",
                "/console.html",
                "/console.js/",
                "/console.js/console.js",
                "/console.js%00.css",
                "/%2e%2e",
                "/..%2f..%2fautoconfigure%2fconsole%2fconsole.js",
                "/%2e%2e%2fconsole%2fconsole.js",
                "/..%5cconsole%5cconsole.js",
                "/%2Fio%2Fcrablet%2Fautoconfigure%2Fconsole%2Fconsole.js",
                "/..;/console.js",
                "/classpath:console.js",
                "/file:%2f%2f%2fetc%2fpasswd",
                "/PoolEndpoint.class"
            })
    void nothingElseIsServed(String path) throws Exception {
        HttpResponse<String> answer = application.get(CONSOLE + path);
        assertThat(answer.statusCode()).isIn(400, 404);
        assertThat(answer.body()).doesNotContain("getElementById", "root:", "<script");
    }

    @Test
    void allPoolsAreListedWithTheirStatesAndWhereToOperateThem() throws Exception {
        HttpResponse<String> answer = application.get(CONSOLE + "/pools");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        Map<String, Object> all = read(answer, "$");
        assertThat(all).containsOnlyKeys("application", "takenAt", "pools", "operations");
        assertThat(all).containsEntry("application", "orders");
        assertThat(Instant.parse((String) all.get("takenAt")))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        Map<String, Object> pool = read(answer, "$.pools[0]");
        assertThat(pool).containsOnlyKeys("name", "state", "outOfService", "message", "counts");
        assertThat(pool).containsEntry("name", "dataSource").containsEntry("outOfService", false);
        assertThat(EndpointApplication.<Map<String, Object>>read(answer, "$.pools[0].counts"))
                .containsOnlyKeys("total", "idle", "active", "waiting", "max");
        assertThat(EndpointApplication.<Map<String, Object>>read(answer, "$.operations"))
                .isEqualTo(Map.of("dataSource", "pool/dataSource"));
    }

    @Test
    void aPoolsReportIsThatOfTheEndpoint() throws Exception {
        HttpResponse<String> answer = application.get(POOL);
        Map<String, Object> detail = read(answer, "$");
        assertThat(detail).containsOnlyKeys("outOfService", "report", "history");
        Map<String, Object> report = read(answer, "$.report");
        Map<String, Object> endpoint = read(application.get("/actuator/pool/dataSource"), "$");
        assertThat(report.keySet()).isEqualTo(endpoint.keySet());
        assertThat(report.get("settings")).isEqualTo(endpoint.get("settings"));
    }

    @Test
    void sqlIsShownToWhoHasLoggedIn() throws Exception {
        try (Connection connection = application.pool().getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("select 'a secret', 42");
            }
            await().untilAsserted(() -> assertThat((List<?>)
                            read(application.getAs("alice", POOL), "$.report.borrowed[*].server.lastStatement"))
                    .isEqualTo(List.of("select ?, ?")));
            assertThat(application.get(POOL).body())
                    .contains("idle in transaction")
                    .doesNotContain("select");
            assertThat(application.get(CONSOLE + "/pools").body()).doesNotContain("select");
            connection.rollback();
        }
    }

    @Test
    void theHistoryIsThereWithoutAnybodyHavingLookedAndGrows() throws Exception {
        int lengthBefore = history("active").size();
        borrowAndReturn();

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            HttpResponse<String> answer = application.get(POOL);
            Map<String, Object> history = read(answer, "$.history");
            assertThat(history)
                    .containsOnlyKeys("endsAt", "stepMs", "active", "waiting", "suspects", "acquireMs", "appended")
                    .containsEntry("stepMs", 5000);
            List<?> active = (List<?>) history.get("active");
            assertThat(active).hasSizeGreaterThan(lengthBefore + 1).hasSizeLessThanOrEqualTo(PoolTimeline.STEPS);
            for (String line : List.of("waiting", "suspects", "acquireMs", "appended")) {
                assertThat((List<?>) history.get(line)).hasSameSizeAs(active);
            }
            assertThat((List<?>) history.get("acquireMs")).anyMatch(Objects::nonNull);
            assertThat((List<?>) history.get("appended"))
                    .anyMatch(Objects::nonNull)
                    .allMatch(value -> value == null || value.equals(0.0));
            assertThat(Instant.parse((String) history.get("endsAt")))
                    .isBetween(Instant.now().minusSeconds(7), Instant.now());
        });
    }

    @Test
    void whatIsNotThereSaysWhatIs() throws Exception {
        HttpResponse<String> answer = application.get(CONSOLE + "/pools/orders");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(EndpointApplication.<Map<String, Object>>read(answer, "$"))
                .isEqualTo(Map.of("message", "There is no pool 'orders'; there are dataSource."));
    }

    @Test
    void aQueryCannotReplaceWhatThePathSays() throws Exception {
        assertThat(application.get(CONSOLE + "/console.js?selectedFile=pools").statusCode())
                .isEqualTo(400);
        assertThat(application
                        .get(CONSOLE + "/pools/orders?selectedPool=dataSource")
                        .statusCode())
                .isEqualTo(400);
        assertThat(application
                        .get(CONSOLE + "/list/dataSource?selectedList=pools")
                        .statusCode())
                .isEqualTo(400);
        assertThat(application.get(CONSOLE + "/console.js?v=2").statusCode()).isEqualTo(200);
    }

    @Test
    void itOnlyReads() throws Exception {
        for (String path : List.of(CONSOLE, CONSOLE + "/pools", POOL)) {
            assertThat(application.post(path, "{\"operation\": \"evict-idle\"}").statusCode())
                    .isEqualTo(405);
        }
    }

    private List<?> history(String line) throws Exception {
        return read(application.get(POOL), "$.history." + line);
    }

    private void borrowAndReturn() throws SQLException {
        application.pool().getConnection().close();
    }
}
