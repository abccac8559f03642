package io.crablet.sample.fault;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.sample.SampleTest;
import io.crablet.sample.fault.PoolPage.Row;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.http.MediaType;
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
            "spring.datasource.hikari.connection-timeout=13000",
            "crablet.pool.watch.interval=1s",
            "crablet.pool.health.exhausted-for=1s"
        })
@DirtiesContext
class FaultTests {

    static final int POOL = 10;

    private static final int SECONDS_STAGED = 12;

    @Autowired
    RestTestClient client;

    @Autowired
    EventStore store;

    private PoolPage page;

    @BeforeEach
    void openThePage(@Autowired DataSource dataSource, @Autowired JdbcConnectionDetails database) throws Exception {
        page = new PoolPage(client, dataSource, database);
        store.append(List.of(Event.of("Something", "{}"), Event.of("Something", "{}")));
    }

    @AfterEach
    void theFaultEndsByItself() {
        await().atMost(20, SECONDS).until(() -> threads().isEmpty());
        await().atMost(10, SECONDS).until(page::showsNothingBorrowed);
    }

    @Test
    void forgottenConnectionsComeBack() {
        post("forgotten-connection?count=3")
                .expectStatus()
                .isAccepted()
                .expectBody()
                .jsonPath("$.effect")
                .value(String.class, effect -> assertThat(effect).contains("the pool takes it back"));

        // A collection of the JVM's own may come first: then one is back before the next is borrowed, and may be the
        // same.
        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThat(page.taken()).hasSize(3).allSatisfy(row -> {
                    assertThat(row.grade()).isEqualTo("leaked");
                    assertThat(row.operation()).isEqualTo("fault: forgotten-connection");
                    assertThat(row).matches(at(ForgottenConnection.class));
                }));
        assertThat(page.backends("true")).containsAll(pids(page.taken()));
        assertThat(page.active()).isZero();
    }

    @Test
    void aStreamIsLeftOpen() {
        stage("open-cursor-stream", 2);

        assertThatPageShows(2, "stream-left-open", "fault: open-cursor-stream", OpenCursorStream.class);
        assertThat(pids(page.borrowed())).isEqualTo(page.backends("state = 'idle in transaction'"));
    }

    @Test
    void transactionsAreLeftIdle() {
        stage("idle-in-transaction", 3);

        assertThatPageShows(3, "idle-in-transaction", "fault: idle-in-transaction", IdleInTransaction.class);
        assertThat(pids(page.borrowed()))
                .isEqualTo(page.backends("state = 'idle in transaction' and backend_xid is not null"));
    }

    @Test
    void queriesRunSlowly() {
        stage("slow-query", 2);

        assertThatPageShows(2, "slow-query", "fault: slow-query", SlowQuery.class);
        assertThat(pids(page.borrowed()))
                .isEqualTo(page.backends("state = 'active' and query like 'select pg_sleep%'"));
    }

    @Test
    void aSecondConnectionIsBorrowed() {
        stage("second-connection", 1);

        assertThatPageShows(2, "second-connection", "fault: second-connection", SecondConnection.class);
        assertThat(page.borrowed())
                .allSatisfy(row ->
                        assertThat(row.message()).contains("SecondConnection.act(", "SecondConnection.borrowSecond("));
        assertThat(pids(page.borrowed()))
                .isEqualTo(page.backends("query in ('select ''first connection''', 'select ''second connection''')"));
    }

    @Test
    void asManyThreadsAsConnectionsWaitForEachOther() {
        stage("second-connection", POOL);

        await().until(() -> page.active() == POOL && page.waiting() == POOL);
        assertThatPageShows(POOL, "second-connection", "fault: second-connection", SecondConnection.class);
        assertThat(page.borrowed())
                .allSatisfy(row ->
                        assertThat(row.message()).contains("SecondConnection.act(", "SecondConnection.borrowSecond("));
        assertThat(pids(page.borrowed())).isEqualTo(page.backends("query = 'select ''first connection'''"));
    }

    @Test
    void othersWaitForALock() {
        stage("lock-wait", 3);

        String waiters = "cardinality(pg_blocking_pids(pid)) > 0";
        String holder = "state = 'idle in transaction'";
        await().until(() ->
                page.backends(waiters).size() == 3 && page.backends(holder).size() == 1);
        int holding = page.backends(holder).iterator().next();
        await().atMost(SECONDS_STAGED - 1, SECONDS).untilAsserted(() -> {
            List<Row> rows = page.borrowed();
            assertThat(rows).hasSize(4).allSatisfy(row -> {
                assertThat(row.operation()).isEqualTo("fault: lock-wait");
                assertThat(row).matches(at(LockWait.class));
            });
            assertThat(rows)
                    .filteredOn(row -> row.backendPid() == holding)
                    .allSatisfy(row -> assertThat(row.cause()).isEqualTo("idle-in-transaction"));
            List<Row> waiting =
                    rows.stream().filter(row -> row.backendPid() != holding).toList();
            assertThat(pids(waiting)).isEqualTo(page.backends(waiters));
            assertThat(waiting).allSatisfy(row -> {
                assertThat(row.cause()).isEqualTo("waiting-for-lock");
                assertThat(row.message()).contains(Integer.toString(holding), "fault: lock-wait");
            });
        });
    }

    @Test
    void thePoolIsExhaustedAndItsHealthSaysSo() {
        client.get().uri("/actuator/health/pool").exchange().expectStatus().isOk();

        stage("exhaustion", 5);

        await().until(() -> page.active() == POOL && page.waiting() == 5);
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
        assertThatPageShows(POOL, "in-use", "fault: exhaustion", Exhaustion.class);
        assertThat(pids(page.borrowed())).isEqualTo(page.backends("true"));
        assertThat(page.read().get("message").asString())
                .contains("All 10 connections", "5 callers", "Exhaustion.act(");
    }

    @Test
    void aThreadEndsWithItsConnection() {
        stage("dead-thread", 2);

        await().until(() -> page.active() == 2 && threads().isEmpty());
        assertThatPageShows(2, "thread-ended", "fault: dead-thread", DeadThread.class);
        assertThat(pids(page.borrowed())).isEqualTo(page.backends("query like '%dead thread%'"));
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

    private void assertThatPageShows(int count, String cause, String operation, Class<? extends Fault> fault) {
        await().atMost(SECONDS_STAGED - 1, SECONDS)
                .untilAsserted(() -> assertThat(page.borrowed()).hasSize(count).allSatisfy(row -> {
                    assertThat(row.cause()).as(row.message()).isEqualTo(cause);
                    assertThat(row.operation()).isEqualTo(operation);
                    assertThat(row).matches(at(fault));
                }));
    }

    private static Predicate<Row> at(Class<? extends Fault> fault) {
        return row -> row.isAt(fault);
    }

    private static Set<Integer> pids(List<Row> rows) {
        return rows.stream().map(Row::backendPid).collect(Collectors.toSet());
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

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("fault-"))
                .toList();
    }
}
