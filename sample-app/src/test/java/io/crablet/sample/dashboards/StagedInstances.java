package io.crablet.sample.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.sample.SampleApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Two instances of the sample on one server, and all that can go wrong with them. The first appends and reads, and has a bit of each
 * fault. The second has none of its connections left, and its watch asks at a wrong address.
 */
final class StagedInstances implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StagedInstances.class);

    private static final Query ALL = Query.all();

    private final EmbeddedPostgres server;
    private final ConfigurableApplicationContext first;
    private final ConfigurableApplicationContext second;
    private final ScheduledExecutorService load = Executors.newScheduledThreadPool(6);

    private StagedInstances(EmbeddedPostgres server) {
        this.server = server;
        this.first = start(server, 20);
        this.second = start(server, 5, "--crablet.pool.server.url=jdbc:postgresql://localhost:1/nowhere");
    }

    static StagedInstances start() throws IOException {
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                .setServerConfig("max_connections", "100")
                .start();
        try {
            execute(server, "postgres", "create role crablet login");
            execute(server, "postgres", "create database crablet owner crablet");
            execute(server, "crablet", "create extension pg_stat_statements");
            return new StagedInstances(server);
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    private static void execute(EmbeddedPostgres server, String database, String sql) {
        JdbcClient.create(server.getDatabase("postgres", database)).sql(sql).update();
    }

    private static ConfigurableApplicationContext start(EmbeddedPostgres server, int connections, String... arguments) {
        String[] common = {
            "--server.port=0",
            "--DB_HOST=localhost",
            "--DB_PORT=" + server.getPort(),
            "--spring.datasource.hikari.maximum-pool-size=" + connections,
            "--spring.datasource.hikari.connection-timeout=1000",
            "--crablet.pool.watch.interval=1s",
            "--crablet.pool.watch.suspect-after=2s"
        };
        return new SpringApplicationBuilder(SampleApplication.class)
                .profiles("faults")
                .run(Stream.of(common, arguments).flatMap(Stream::of).toArray(String[]::new));
    }

    List<String> addresses() {
        return List.of(address(first), address(second));
    }

    /** Begins what goes on for as long as the test may take. */
    void stage() throws IOException, InterruptedException {
        EventStore store = first.getBean(EventStore.class);
        EventStore stuck = second.getBean(EventStore.class);
        // A stream needs something to read.
        store.append(event());
        again(() -> store.append(event()));
        again(() -> store.append(event(), AppendCondition.failIfEventsMatch(ALL)));
        again(() -> store.read(ALL).head());
        fault(first, "idle-in-transaction?seconds=300");
        fault(first, "lock-wait?seconds=300");
        fault(first, "open-cursor-stream?seconds=300");
        fault(first, "slow-query?seconds=300");
        fault(first, "second-connection?seconds=5");
        fault(first, "forgotten-connection");
        fault(second, "exhaustion?seconds=300");
        await().atMost(30, TimeUnit.SECONDS)
                .until(() -> second.getBean(HikariDataSource.class)
                                .getHikariPoolMXBean()
                                .getActiveConnections()
                        == 5);
        again(() -> stuck.append(event()));
        again(() -> stuck.read(ALL).head());
        again(() -> stuck.read(ALL).head());
    }

    private static List<Event> event() {
        return List.of(Event.of("Something", "{}"));
    }

    private void again(Runnable task) {
        load.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (DataAccessException e) {
                        log.debug("As staged", e);
                    }
                },
                0,
                50,
                TimeUnit.MILLISECONDS);
    }

    private static void fault(ConfigurableApplicationContext instance, String kind)
            throws IOException, InterruptedException {
        HttpRequest post = HttpRequest.newBuilder(URI.create("http://" + address(instance) + "/faults/" + kind))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(post, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(202);
    }

    private static String address(ConfigurableApplicationContext instance) {
        return "127.0.0.1:" + instance.getEnvironment().getRequiredProperty("local.server.port");
    }

    @Override
    public void close() throws IOException {
        load.shutdownNow();
        second.close();
        first.close();
        server.close();
    }
}
