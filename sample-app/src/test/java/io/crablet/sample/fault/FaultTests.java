package io.crablet.sample.fault;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.sample.SampleTest;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

@SampleTest
@ActiveProfiles("faults")
@TestPropertySource(
        properties = {
            "spring.datasource.hikari.maximum-pool-size=" + FaultTests.POOL,
            "spring.datasource.hikari.connection-timeout=3000",
            "crablet.pool.health.exhausted-for=1s"
        })
@DirtiesContext
class FaultTests {

    static final int POOL = 10;

    private static final int SECONDS_STAGED = 3;

    @Autowired
    RestTestClient client;

    @Autowired
    EventStore store;

    @Autowired
    JdbcConnectionDetails database;

    private HikariDataSource pool;
    private JdbcClient server;

    @BeforeEach
    void watchFromOutsideThePool(@Autowired DataSource dataSource) throws Exception {
        pool = dataSource.unwrap(HikariDataSource.class);
        server = JdbcClient.create(
                new DriverManagerDataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword()));
        store.append(List.of(Event.of("Something", "{}"), Event.of("Something", "{}")));
    }

    @AfterEach
    void theFaultEndsByItself() {
        await().atMost(10, SECONDS).until(() -> threads().isEmpty());
        await().atMost(10, SECONDS).until(() -> counts().getActiveConnections() == 0);
    }

    @Test
    void aStreamIsLeftOpen() {
        stage("open-cursor-stream", 2);

        await().until(() -> counts().getActiveConnections() == 2);
        await().until(() -> sessions("state = 'idle in transaction'") == 2);
        assertThat(frames()).allSatisfy(stack -> assertThat(stack).contains("OpenCursorStream"));
    }

    @Test
    void transactionsAreLeftIdle() {
        stage("idle-in-transaction", 3);

        await().until(() -> sessions("state = 'idle in transaction' and backend_xid is not null") == 3);
        assertThat(threads()).allSatisfy(thread -> assertThat(thread).startsWith("fault-idle-in-transaction-"));
    }

    @Test
    void queriesRunSlowly() {
        stage("slow-query", 2);

        await().until(() -> sessions("state = 'active' and query like 'select pg_sleep%'") == 2);
        assertThat(frames()).allSatisfy(stack -> assertThat(stack).contains("SlowQuery"));
    }

    @Test
    void aSecondConnectionIsBorrowed() {
        stage("second-connection", 2);

        await().until(() -> counts().getActiveConnections() == 4);
    }

    @Test
    void asManyThreadsAsConnectionsWaitForEachOther() {
        stage("second-connection", POOL);

        await().until(() -> counts().getActiveConnections() == POOL && counts().getThreadsAwaitingConnection() == POOL);
    }

    @Test
    void othersWaitForALock() {
        stage("lock-wait", 3);

        await().until(() -> sessions("cardinality(pg_blocking_pids(pid)) > 0") == 3);
        await().until(() -> sessions("state = 'idle in transaction'") == 1);
    }

    @Test
    void thePoolIsExhaustedAndItsHealthSaysSo() {
        client.get().uri("/actuator/health/pool").exchange().expectStatus().isOk();

        stage("exhaustion", 5);

        await().until(() -> counts().getActiveConnections() == POOL && counts().getThreadsAwaitingConnection() == 5);
        await().untilAsserted(() -> client.get()
                .uri("/actuator/health")
                .exchange()
                .expectStatus()
                .isEqualTo(503)
                .expectBody()
                .jsonPath("$.components.pool.details.state")
                .isEqualTo("exhausted")
                .jsonPath("$.components.db.status")
                .isEqualTo("UP"));
    }

    @Test
    void aThreadEndsWithItsConnection() {
        stage("dead-thread", 2);

        await().until(() -> counts().getActiveConnections() == 2 && threads().isEmpty());
    }

    @Test
    void anUnknownFaultIsAnsweredWithThoseThereAre() {
        post("coffee")
                .expectStatus()
                .isNotFound()
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("There is no fault 'coffee'; there are dead-thread, exhaustion, forgotten-connection,"
                        + " idle-in-transaction, lock-wait, open-cursor-stream, second-connection, slow-query");
    }

    @ParameterizedTest
    @ValueSource(strings = {"count=0", "count=101", "count=x", "seconds=0", "seconds=601"})
    void aNumberOutsideItsBoundsIsRefused(String query) {
        post("slow-query?" + query)
                .expectStatus()
                .isBadRequest()
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .value(String.class, detail -> assertThat(detail).contains(query.substring(0, 5)));
        assertThat(threads()).isEmpty();
    }

    private void stage(String kind, int count) {
        post(kind + "?count=" + count + "&seconds=" + SECONDS_STAGED)
                .expectStatus()
                .isAccepted()
                .expectBody()
                .jsonPath("$.kind")
                .isEqualTo(kind)
                .jsonPath("$.count")
                .isEqualTo(count)
                .jsonPath("$.seconds")
                .isEqualTo(SECONDS_STAGED)
                .jsonPath("$.effect")
                .isNotEmpty();
    }

    private ResponseSpec post(String pathAndQuery) {
        return client.post().uri("/faults/" + pathAndQuery).exchange();
    }

    private HikariPoolMXBean counts() {
        return pool.getHikariPoolMXBean();
    }

    private int sessions(String condition) {
        return server.sql("select count(*) from pg_stat_activity where datname = current_database()"
                        + " and pid <> pg_backend_pid() and " + condition)
                .query(Integer.class)
                .single();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("fault-"))
                .toList();
    }

    private static List<String> frames() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(entry -> entry.getKey().getName().startsWith("fault-"))
                .map(entry -> List.of(entry.getValue()).toString())
                .toList();
    }
}
