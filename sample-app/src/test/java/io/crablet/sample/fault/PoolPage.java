package io.crablet.sample.fault;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;
import tools.jackson.databind.JsonNode;

/** What an operator has to go by: the endpoint over HTTP, and a session of one's own on the server. */
final class PoolPage {

    private static final String PAGE = "/actuator/pool/dataSource";

    private final RestTestClient client;
    private final HikariDataSource pool;
    private final JdbcClient server;

    PoolPage(RestTestClient client, DataSource dataSource, JdbcConnectionDetails database) throws SQLException {
        this.client = client;
        this.pool = dataSource.unwrap(HikariDataSource.class);
        this.server = JdbcClient.create(
                new DriverManagerDataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword()));
    }

    JsonNode read() {
        return Objects.requireNonNull(client.get()
                .uri(PAGE)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
    }

    List<Row> borrowed() {
        return read().get("borrowed").valueStream().map(Row::of).toList();
    }

    List<Row> taken() {
        return read().get("recentLeaks")
                .valueStream()
                .map(leak -> Row.of(leak.get("connection")))
                .toList();
    }

    ResponseSpec operate(String body) {
        return client.post()
                .uri(PAGE)
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange();
    }

    /** Whether nobody has a connection, in the pool's own count, in that of the page, and in its list. */
    boolean showsNothingBorrowed() {
        JsonNode page = read();
        return active() == 0
                && page.get("counts").get("active").asInt() == 0
                && page.get("borrowed").isEmpty();
    }

    int active() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    int waiting() {
        return pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
    }

    /** Asks the server for the processes that serve the application's sessions of which this is true. */
    Set<Integer> backends(String condition) {
        return server.sql("select pid from pg_stat_activity where backend_type = 'client backend'"
                        + " and pid <> pg_backend_pid() and application_name <> 'crablet-watch' and " + condition)
                .query(Integer.class)
                .set();
    }

    /** The row of a connection, as far as it matters here. */
    record Row(long id, int backendPid, String operation, String site, String grade, String cause, String message) {

        private static Row of(JsonNode connection) {
            JsonNode verdict = connection.path("verdict");
            return new Row(
                    connection.get("id").asLong(),
                    connection.get("backendPid").asInt(),
                    connection.get("operation").asString(),
                    connection.get("frames").get(0).asString(),
                    connection.get("grade").asString(),
                    verdict.path("cause").asString(""),
                    verdict.path("message").asString(""));
        }

        boolean isAt(Class<? extends Fault> fault) {
            return site.matches(".*\\b" + fault.getName().replace(".", "\\.") + "\\.\\w+\\(" + fault.getSimpleName()
                    + "\\.java:\\d+\\)");
        }
    }
}
