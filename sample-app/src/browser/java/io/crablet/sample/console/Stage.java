package io.crablet.sample.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happens behind the page: faults that are staged, and how they all end. */
final class Stage {

    static final int POOL = 10;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port;
    private final HikariDataSource pool;
    private final EventStore store;

    Stage(int port, DataSource dataSource, EventStore store) throws SQLException {
        this.port = port;
        this.pool = dataSource.unwrap(HikariDataSource.class);
        this.store = store;
        append(2);
    }

    /** Begins a fault that lasts until {@link #clear}. */
    void begin(String kind, int count) throws IOException, InterruptedException {
        assertThat(post("/faults/" + kind + "?seconds=600&count=" + count, "").statusCode())
                .isEqualTo(202);
    }

    /** Ends all faults, also those whose threads have ended or wait for the server. */
    void clear() throws IOException, InterruptedException {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fault-"))
                .forEach(Thread::interrupt);
        await().atMost(PATIENCE).until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 0);
        assertThat(post("/actuator/pool/dataSource", "{\"operation\": \"reset\", \"confirm\": \"dataSource\"}")
                        .statusCode())
                .isEqualTo(200);
        await().atMost(PATIENCE).until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
    }

    int total() {
        return pool.getHikariPoolMXBean().getTotalConnections();
    }

    /** Appends as many events. */
    void append(int events) {
        store.append(Collections.nCopies(events, Event.of("Something", "{}")));
    }

    /** What the console knows of one figure in the last quarter of an hour, the latest last. */
    List<JsonNode> history(String figure) throws IOException, InterruptedException {
        String answer = client.send(
                        HttpRequest.newBuilder(uri("/actuator/poolconsole/pools/dataSource"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return JsonMapper.shared()
                .readTree(answer)
                .at("/history/" + figure)
                .valueStream()
                .toList();
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String pathAndQuery) {
        return URI.create("http://localhost:" + port + pathAndQuery);
    }
}
