package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class TopStatementsEndpointTests {

    private static final String POOL = "/actuator/pool/dataSource";

    private static final String OFTEN = "crablet.pool.server.top-statements-interval=100ms";

    private static final String ROUNDS = "crablet.pool.watch.interval=100ms";

    private final TestDatabase database;

    TopStatementsEndpointTests(TestDatabase database) {
        this.database = database;
    }

    @AfterEach
    void dropExtension() throws SQLException {
        execute("drop extension if exists pg_stat_statements");
    }

    @Test
    void aHintTakesTheirPlaceUntilTheServerShowsThem() throws Exception {
        try (EndpointApplication application = new EndpointApplication(database, OFTEN, ROUNDS)) {
            await().untilAsserted(() -> {
                HttpResponse<String> answer = application.getAs("alice", POOL);
                assertThat((String) read(answer, "$.server.topStatementsHint"))
                        .contains("Run CREATE EXTENSION pg_stat_statements");
                assertThat(server(answer)).doesNotContainKeys("topStatements", "topStatementsSince");
            });

            execute("create extension pg_stat_statements");
            // Making the extension is recorded, too, and may have taken longer.
            execute("select pg_stat_statements_reset()");
            execute("select pg_sleep(0.3), 'a secret'");
            await().untilAsserted(() -> {
                HttpResponse<String> answer = application.getAs("alice", POOL);
                Map<String, Object> top = read(answer, "$.server.topStatements[0]");
                assertThat(top)
                        .containsEntry("statement", "select pg_sleep($1), $2")
                        .containsEntry("calls", 1)
                        .containsEntry("rows", 1)
                        .containsKeys("blocksHit", "blocksRead")
                        .hasEntrySatisfying("queryId", id -> assertThat(id).isInstanceOf(String.class));
                assertThat((Double) top.get("totalMs")).isBetween(300.0, 10_000.0);
                assertThat(top.get("meanMs")).isEqualTo(top.get("totalMs"));
                assertThat(top.get("maxMs")).isEqualTo(top.get("totalMs"));
                assertThat(Instant.parse(read(answer, "$.server.topStatementsSince")))
                        .isBefore(Instant.now());
                assertThat(server(answer)).doesNotContainKey("topStatementsHint");
            });
        }
    }

    @Test
    void whoHasNotLoggedInSeesTheFiguresWithoutTheSql() throws Exception {
        execute("create extension pg_stat_statements");
        try (EndpointApplication application = new EndpointApplication(database, OFTEN, ROUNDS)) {
            await().untilAsserted(() -> {
                Map<String, Object> top = read(application.get(POOL), "$.server.topStatements[0]");
                assertThat(top).containsKeys("queryId", "calls", "totalMs").doesNotContainKey("statement");
            });
            assertThat(application.get("/actuator/health").body()).contains("\"UP\"");
        }
    }

    @Test
    void theyCanBeSwitchedOff() throws Exception {
        String off = "crablet.pool.server.top-statements-interval=0";
        try (EndpointApplication application = new EndpointApplication(database, off, ROUNDS)) {
            Instant first = takenAt(application);
            await().untilAsserted(() -> assertThat(takenAt(application)).isAfter(first.plusSeconds(1)));
            assertThat(application.get(POOL).body()).doesNotContain("topStatements");
        }
    }

    private static Map<String, Object> server(HttpResponse<String> answer) {
        return read(answer, "$.server");
    }

    private static Instant takenAt(EndpointApplication application) throws Exception {
        return Instant.parse(read(application.get(POOL), "$.server.takenAt"));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
