package io.crablet.sample.monitor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.sample.SampleTest;
import io.crablet.sample.monitor.Monitor.Output;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** What the monitor says of each fault of the sample. */
@Tag("monitor")
@SampleTest
@ActiveProfiles("faults")
@TestPropertySource(
        properties = {
            "spring.datasource.hikari.maximum-pool-size=" + MonitorFaultTests.POOL,
            "crablet.pool.server.long-query=1s",
            "crablet.pool.server.idle-in-transaction=1s"
        })
@DirtiesContext
class MonitorFaultTests {

    static final int POOL = 10;

    private static final String[] THRESHOLDS = {
        "--once",
        "--idle-in-transaction",
        "1s/1h",
        "--long-query",
        "1s/1h",
        "--blocked",
        "1s/1h",
        "--append-lock",
        "1s/1h"
    };

    @Autowired
    RestTestClient client;

    @Autowired
    EventStore store;

    private Monitor monitor;

    @BeforeEach
    void findTheServer(@Autowired JdbcConnectionDetails database) {
        monitor = Monitor.at(database.getJdbcUrl(), Objects.requireNonNull(database.getUsername()));
    }

    @AfterEach
    void allIsWellWhenTheFaultIsOver() {
        await().atMost(30, SECONDS).untilAsserted(() -> {
            Output calm = look();
            assertThat(calm.exitCode()).as(calm.out() + calm.err()).isZero();
            assertThat(calm.out()).contains("\nOK ");
        });
    }

    @Test
    void othersWaitForALock() {
        stage("lock-wait", 3);

        JsonNode found = await().atMost(8, SECONDS)
                .until(
                        this::json,
                        json -> json.get("blockedCount").asInt() == 3
                                && has(json, "blocked")
                                && has(json, "idle-in-transaction"));
        JsonNode chain = found.get("chains");
        assertThat(chain).hasSize(4);
        int holder = found.get("idleInTransaction").get(0).get("pid").asInt();
        assertThat(chain.get(0).get("depth").asInt()).isZero();
        assertThat(chain.get(0).get("session").get("pid").asInt()).isEqualTo(holder);
        for (int i = 1; i <= 3; i++) {
            assertThat(chain.get(i).get("depth").asInt()).isEqualTo(1);
            assertThat(chain.get(i).get("holder").asInt()).isEqualTo(holder);
            assertThat(chain.get(i).get("session").get("awaits").asString()).isEqualTo("advisory");
        }
        assertThatTheEndpointAgrees();

        Output screen = look();
        assertThat(screen.exitCode()).isEqualTo(1);
        assertThat(screen.out())
                .containsPattern("WARNING +3 sessions wait for a lock for more than 1s, the longest for \\d+ s\n")
                .containsPattern(
                        "Blocking chains: 3 waiting\n  " + holder
                                + " holds, idle in transaction \\d+ s .*\n  ├─ \\d+ waits .*\n  ├─ \\d+ .*\n  └─ \\d+ waits \\d+ s for advisory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"idle-in-transaction", "open-cursor-stream"})
    void transactionsAreLeftIdle(String fault) {
        store.append(List.of(Event.of("Something", "{}"), Event.of("Something", "{}")));

        stage(fault, 2);

        awaitFinding("idle-in-transaction", "idleInTransactionCount", 2);
        assertThatTheEndpointAgrees();
        Output screen = look();
        assertThat(screen.exitCode()).isEqualTo(1);
        assertThat(screen.out())
                .containsPattern("WARNING +2 sessions idle in transaction, the longest for \\d+ s\n")
                .contains("Idle in transaction for more than 1s: 2\n");
        Output strict = monitor.run("--once", "--idle-in-transaction", "500ms/1s");
        assertThat(strict.exitCode()).isEqualTo(2);
        assertThat(strict.out()).contains("CRITICAL  2 sessions idle in transaction");
        assertThat(monitor.run("--once", "--idle-in-transaction", "1h").exitCode())
                .isZero();
    }

    @Test
    void theSessionsOfThePoolBearTheNameOfTheApplication() {
        await().atMost(8, SECONDS)
                .untilAsserted(() -> assertThat(json().get("applications")
                                .valueStream()
                                .map(row -> row.get("application").asString()))
                        .containsExactlyInAnyOrder("course-subscriptions", "crablet-watch", "crablet-monitor"));
    }

    @Test
    void queriesRunSlowly() {
        stage("slow-query", 2);

        JsonNode found = awaitFinding("long-query", "longRunningCount", 2);
        assertThat(found.get("longRunning").get(0).get("command").asString()).isEqualTo("SELECT");
        assertThatTheEndpointAgrees();
        Output screen = look();
        assertThat(screen.exitCode()).isEqualTo(1);
        assertThat(screen.out())
                .contains("2 long-running statements", "Statements running for more than 1s: 2\n", "Timeout: PgSleep")
                .doesNotContain("pg_sleep");
    }

    @Test
    void thePoolIsExhausted() {
        stage("exhaustion", 3);

        JsonNode found = await().atMost(8, SECONDS).until(this::json, json -> has(json, "busy-pool"));
        JsonNode pool = found.get("busyPools").get(0);
        assertThat(pool.get("total").asInt()).isEqualTo(POOL);
        assertThat(pool.get("active").asInt()
                        + pool.get("justUsed").asInt()
                        + pool.get("idleInTransaction").asInt())
                .isEqualTo(POOL);
        Output screen = look();
        assertThat(screen.exitCode()).isEqualTo(1);
        assertThat(screen.out())
                .contains("may be exhausted: none of 10 sessions has been idle for 1 s")
                .contains("Whether callers wait only the application knows");
        assertThat(monitor.run("--once", "--busy-pool", "11").exitCode()).isZero();
        assertThat(monitor.run("--once", "--busy-pool", "0").exitCode()).isZero();
    }

    /** To the server a connection that is borrowed and not used looks like a free one. */
    @ParameterizedTest
    @ValueSource(strings = {"second-connection", "dead-thread", "forgotten-connection"})
    void whatOnlyThePoolKnowsIsNotClaimed(String fault) {
        stage(fault, POOL - 1);

        // What is forgotten may have been taken back by a collection of the JVM's own before the last is borrowed.
        await().untilAsserted(() -> {
            JsonNode pool = client.get()
                    .uri("/actuator/pool/dataSource")
                    .exchange()
                    .expectBody(JsonNode.class)
                    .returnResult()
                    .getResponseBody();
            assertThat(pool.get("counts").get("active").asInt()
                            + pool.get("recentLeaks").size())
                    .isGreaterThanOrEqualTo(POOL - 1);
        });
        await().atMost(5, SECONDS)
                .untilAsserted(() -> assertThat(json().get("status").asString()).isEqualTo("ok"));
    }

    @Test
    void theAppendLockIsHeldAndHealthSaysTheSame(@Autowired PlatformTransactionManager transactions) throws Exception {
        CountDownLatch appended = new CountDownLatch(1);
        CountDownLatch seen = new CountDownLatch(1);
        // The common pool may have one thread only.
        Executor threads = task -> new Thread(task).start();
        CompletableFuture<Void> holder = CompletableFuture.runAsync(
                () -> new TransactionTemplate(transactions).executeWithoutResult(transaction -> {
                    store.append(List.of(Event.of("Something", "{}")));
                    appended.countDown();
                    awaitUninterrupted(seen);
                }),
                threads);
        appended.await();
        CompletableFuture<Void> waiter =
                CompletableFuture.runAsync(() -> store.append(List.of(Event.of("Something", "{}"))), threads);

        try {
            JsonNode found = await().atMost(10, SECONDS)
                    .until(
                            this::json,
                            json -> has(json, "append-lock")
                                    && json.get("appendLocks")
                                                    .get(0)
                                                    .get("waiting")
                                                    .asInt()
                                            == 1);
            JsonNode lock = found.get("appendLocks").get(0);
            assertThat(lock.get("schema").asString()).isEqualTo("public");
            await().atMost(6, SECONDS)
                    .untilAsserted(() -> assertThat(server().get("appendLocks").valueStream())
                            .singleElement()
                            .satisfies(said -> {
                                assertThat(said.get("holder").asInt())
                                        .isEqualTo(lock.get("pid").asInt());
                                assertThat(said.get("waiting").asInt()).isEqualTo(1);
                            }));
            assertThatTheEndpointAgrees();
            Output screen = look();
            assertThat(screen.exitCode()).isEqualTo(1);
            assertThat(screen.out())
                    .containsPattern("The append lock of the event log in schema public has been held by backend "
                            + lock.get("pid").asInt()
                            + " for at least \\d+ s, which is idle in transaction; 1 waits for it\n")
                    .containsPattern(
                            "Append lock of the event log in schema public\n  held by backend \\d+ for at least");
            assertThat(monitor.run("--once", "--append-lock", "500ms/1s").exitCode())
                    .isEqualTo(2);
        } finally {
            seen.countDown();
        }
        holder.get(10, SECONDS);
        waiter.get(10, SECONDS);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void assertThatTheEndpointAgrees() {
        await().atMost(6, SECONDS).untilAsserted(() -> {
            JsonNode said = server();
            JsonNode found = json();
            assertThat(Map.of(
                            "idle", found.get("idleInTransaction").size(),
                            "long", found.get("longRunning").size(),
                            "blocked", found.get("blocked").size(),
                            "connections", found.get("connections").asInt() - 1,
                            "max", found.get("maxConnections").asInt()))
                    .isEqualTo(Map.of(
                            "idle", said.get("idleInTransaction").size(),
                            "long", said.get("longRunning").size(),
                            "blocked", said.get("blocked").size(),
                            "connections", said.get("connections").asInt(),
                            "max", said.get("maxConnections").asInt()));
        });
    }

    private JsonNode awaitFinding(String code, String count, int expected) {
        return await().atMost(8, SECONDS)
                .until(this::json, json -> has(json, code) && json.get(count).asInt() == expected);
    }

    private static boolean has(JsonNode found, String code) {
        return found.get("findings")
                .valueStream()
                .anyMatch(finding -> finding.get("code").asString().equals(code));
    }

    private Output look() {
        return monitor.run(THRESHOLDS);
    }

    private JsonNode json() {
        String[] options = Arrays.copyOf(THRESHOLDS, THRESHOLDS.length + 1);
        options[THRESHOLDS.length] = "--json";
        return monitor.run(options).json();
    }

    private JsonNode server() {
        return Objects.requireNonNull(client.get()
                        .uri("/actuator/pool/dataSource")
                        .exchange()
                        .expectBody(JsonNode.class)
                        .returnResult()
                        .getResponseBody())
                .get("server");
    }

    private void stage(String kind, int count) {
        client.post()
                .uri("/faults/" + kind + "?count=" + count + "&seconds=12")
                .exchange()
                .expectStatus()
                .isAccepted();
    }
}
