package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolWatch;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import shop.Orders;

/** What the endpoint shows, over HTTP, as it is without any setting of its own. */
@ExtendWith(PostgresExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class PoolEndpointTests {

    private static final String POOL = "/actuator/pool/dataSource";

    private final TestDatabase database;

    private final EndpointApplication application;

    private final List<Connection> taken = new ArrayList<>();

    PoolEndpointTests(TestDatabase database) {
        this.database = database;
        this.application = new EndpointApplication(
                database, "spring.datasource.hikari.max-lifetime=${the.lifetime}", "the.lifetime=600000");
    }

    @AfterEach
    void giveBack() throws SQLException {
        for (Connection connection : taken) {
            connection.close();
        }
        taken.clear();
    }

    @AfterAll
    void close() {
        application.close();
    }

    @Test
    @SuppressWarnings("try") // The operation is there to be open, not to be used.
    void aBorrowedConnectionIsOneRowWithWhatTheProgramAndTheServerKnowOfIt() throws Exception {
        Connection connection;
        try (PoolWatch.Operation operation = PoolWatch.operation("import orders")) {
            connection = take();
        }
        connection.setAutoCommit(false);
        execute(connection, "select 'a secret', 42");
        int pid = connection.unwrap(PGConnection.class).getBackendPID();
        String thread = Thread.currentThread().getName();

        await().untilAsserted(() -> {
            HttpResponse<String> answer = application.get(POOL);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat((List<?>) read(answer, "$.borrowed")).hasSize(1);
            assertThat((String) read(answer, "$.borrowed[0].thread")).isEqualTo(thread);
            assertThat((String) read(answer, "$.borrowed[0].operation")).isEqualTo("import orders");
            assertThat(Instant.parse(read(answer, "$.borrowed[0].borrowedAt")))
                    .isBetween(Instant.now().minusSeconds(60), Instant.now());
            assertThat((Integer) read(answer, "$.borrowed[0].heldMs"))
                    .isGreaterThanOrEqualTo(read(answer, "$.borrowed[0].idleMs"));
            assertThat((String) read(answer, "$.borrowed[0].frames[0]"))
                    .startsWith("shop.Orders.importOrders(Orders.java:");
            assertThat((Integer) read(answer, "$.borrowed[0].backendPid")).isEqualTo(pid);
            assertThat((String) read(answer, "$.borrowed[0].grade")).isEqualTo("normal");
            assertThat((String) read(answer, "$.borrowed[0].server.state")).isEqualTo("idle in transaction");
            assertThat((String) read(answer, "$.borrowed[0].server.waitEvent")).isEqualTo("Client: ClientRead");
            assertThat((Integer) read(answer, "$.borrowed[0].server.transactionMs"))
                    .isGreaterThan(1000);
            assertThat((List<?>) read(answer, "$.borrowed[0].server.blockedBy")).isEmpty();
            assertThat((String) read(answer, "$.borrowed[0].verdict.cause")).isEqualTo("idle-in-transaction");
            assertThat((String) read(answer, "$.borrowed[0].verdict.message")).contains("Backend " + pid);
            assertThat((Integer) read(answer, "$.counts.active")).isEqualTo(1);
            assertThat((Integer) read(answer, "$.totals.borrows")).isPositive();
            assertThat((Integer) read(answer, "$.server.byState['idle in transaction']"))
                    .isEqualTo(1);
            assertThat((Integer) read(answer, "$.server.maxConnections")).isEqualTo(300);
            assertThat((Boolean) read(answer, "$.server.joinable")).isTrue();
        });
        rollBack(connection);
    }

    @Test
    void sqlIsShownToWhoHasLoggedInAndWithoutItsLiterals() throws Exception {
        Connection connection = take();
        connection.setAutoCommit(false);
        execute(connection, "select 'a secret', 42");

        await().untilAsserted(() -> assertThat(
                        (String) read(application.getAs("alice", POOL), "$.borrowed[0].server.lastStatement"))
                .isEqualTo("select ?, ?"));
        assertThat(application.get(POOL).body()).contains("idle in transaction").doesNotContain("select");
        assertThat(application.get("/actuator/pool").body()).doesNotContain("select");
        assertThat(application.getAs("alice", "/actuator/pool").body()).contains("select ?, ?");
        rollBack(connection);
    }

    @Test
    void blockingChainsNameTheHolderAndThoseThatWait() throws Exception {
        Connection holder = take();
        Connection waiting = take();
        holder.setAutoCommit(false);
        execute(holder, "select pg_advisory_xact_lock(4711)");
        int holderPid = holder.unwrap(PGConnection.class).getBackendPID();
        int waitingPid = waiting.unwrap(PGConnection.class).getBackendPID();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Future<?> lock = executor.submit(() -> {
            execute(waiting, "select pg_advisory_lock(4711)");
            return null;
        });

        await().untilAsserted(() -> {
            HttpResponse<String> answer = application.get(POOL);
            assertThat((Integer) read(answer, "$.server.chains[0].holder")).isEqualTo(holderPid);
            assertThat((String) read(answer, "$.server.chains[0].session.state"))
                    .isEqualTo("idle in transaction");
            assertThat((List<?>) read(answer, "$.server.chains[0].waiting")).isEqualTo(List.of(waitingPid));
            assertThat((List<?>) read(answer, "$.server.blocked[*].pid")).isEqualTo(List.of(waitingPid));
            assertThat((List<?>)
                            read(answer, "$.borrowed[?(@.backendPid == %d)].server.blockedBy[0]".formatted(waitingPid)))
                    .isEqualTo(List.of(holderPid));
            assertThat((List<?>) read(answer, "$.borrowed[?(@.backendPid == %d)].verdict.cause".formatted(waitingPid)))
                    .isEqualTo(List.of("waiting-for-lock"));
        });
        rollBack(holder);
        lock.get();
        execute(waiting, "select pg_advisory_unlock_all()");
        executor.shutdown();
    }

    @Test
    void settingsSayWhereTheyAreFromAndKeepSecrets() throws Exception {
        HttpResponse<String> answer = application.getAs("alice", POOL);
        Map<String, Map<String, Object>> settings = read(answer, "$.settings");
        assertThat(settings.get("maximum-pool-size"))
                .containsEntry("value", 5)
                .containsEntry("from", "defaultProperties");
        assertThat(settings.get("max-lifetime")).isEqualTo(Map.of("value", 600_000, "from", "defaultProperties"));
        assertThat(settings.get("idle-timeout"))
                .isEqualTo(Map.of("value", 600_000, "from", "crabletPoolProfile [default]"));
        assertThat(settings.get("auto-commit")).isEqualTo(Map.of("value", true, "from", "HikariCP's default"));
        assertThat(settings.get("jdbc-url")).containsEntry("value", database.jdbcUrl());
        assertThat(settings).doesNotContainKeys("username", "password", "data-source-properties");
        assertThat((String) read(answer, "$.profile")).isEqualTo("default");
        assertThat((String) read(answer, "$.capacity")).startsWith("maximum-pool-size 5 fits: max_connections 300");
        assertThat(application.get("/actuator/pool").body()).doesNotContain("password");
    }

    @Test
    void aReadBorrowsNothingAndAnswersWhileThePoolIsExhausted() throws Exception {
        for (int i = 0; i < 5; i++) {
            take();
        }
        int borrows = read(application.get(POOL), "$.totals.borrows");
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        Future<?> waiting = executor.submit(() -> {
            while (!over.get()) {
                assertThatThrownBy(() -> Orders.importOrders(application.pool()))
                        .isInstanceOf(SQLTransientConnectionException.class);
            }
        });

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            long start = System.nanoTime();
            HttpResponse<String> answer = application.get(POOL);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            assertThat((String) read(answer, "$.state")).isEqualTo("exhausted");
            assertThat((List<?>) read(answer, "$.borrowed")).hasSize(5);
            assertThat((Integer) read(answer, "$.counts.waiting")).isEqualTo(1);
        });
        over.set(true);
        waiting.get();
        executor.shutdown();

        HttpResponse<String> answer = application.get(POOL);
        assertThat((Integer) read(answer, "$.totals.borrows")).isEqualTo(borrows);
        assertThat((Integer) read(answer, "$.totals.timeouts")).isPositive();
        assertThat((Integer) read(answer, "$.recentTimeouts[0].waitedMs")).isGreaterThanOrEqualTo(5000);
        assertThat((String) read(answer, "$.recentTimeouts[0].frames[0]")).startsWith("shop.Orders.importOrders");
        assertThat((Integer) read(answer, "$.recentTimeouts[0].holders[0].count"))
                .isEqualTo(5);
        assertThat((String) read(answer, "$.recentTimeouts[0].holders[0].site")).startsWith("shop.Orders.importOrders");
        List<Integer> held = read(answer, "$.borrowed[*].heldMs");
        assertThat(held).isSortedAccordingTo(Comparator.reverseOrder());
        // Advice is on rates, and the last timeout may be in none of the samples yet.
        await().untilAsserted(() -> {
            List<String> advice = read(application.get(POOL), "$.advice");
            assertThat(advice).anyMatch(sentence -> sentence.contains("waited in vain"));
        });
    }

    @Test
    void secondBorrowsOfAThreadAreShownWithBothSites() throws Exception {
        take();
        Orders.countStock(application.pool());
        await().untilAsserted(() -> {
            HttpResponse<String> answer = application.get(POOL);
            List<String> sites = read(answer, "$.secondBorrows[*].secondSite");
            assertThat(sites).anyMatch(site -> site.startsWith("shop.Orders.countStock"));
            assertThat((Integer) read(answer, "$.totals.secondBorrows")).isPositive();
        });
    }

    @Test
    void readsAreRightWhileConnectionsComeAndGo() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(8);
        List<Future<?>> borrowers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            borrowers.add(executor.submit(() -> {
                while (!over.get()) {
                    try (Connection connection = application.pool().getConnection()) {
                        execute(connection, "select 1");
                    } catch (SQLTransientConnectionException e) {
                        // Eight share five: where the machine stands still, one has waited in vain.
                        continue;
                    }
                }
                return null;
            }));
        }
        try {
            for (int i = 0; i < 200; i++) {
                HttpResponse<String> answer = application.get(POOL);
                assertThat(answer.statusCode()).isEqualTo(200);
                List<Integer> ids = read(answer, "$.borrowed[*].id");
                assertThat(ids).doesNotHaveDuplicates();
                List<Integer> held = read(answer, "$.borrowed[*].heldMs");
                assertThat(held).isSortedAccordingTo(Comparator.reverseOrder());
                // Some may have come back between the two counts.
                assertThat((Integer) read(answer, "$.totals.borrows") - (Integer) read(answer, "$.totals.returns"))
                        .isGreaterThanOrEqualTo(ids.size());
            }
        } finally {
            over.set(true);
            for (Future<?> borrower : borrowers) {
                borrower.get();
            }
            executor.shutdown();
        }
        await().untilAsserted(() -> {
            HttpResponse<String> answer = application.get(POOL);
            assertThat((List<?>) read(answer, "$.borrowed")).isEmpty();
            assertThat((Integer) read(answer, "$.counts.active")).isZero();
        });
    }

    @Test
    void anUnknownPoolIsNotFoundAndTheAnswerNamesThoseThatThereAre() throws Exception {
        HttpResponse<String> answer = application.get("/actuator/pool/other");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat((String) read(answer, "$.message")).isEqualTo("There is no pool 'other'; there are dataSource.");
    }

    @Test
    void operationsAreOffUntilTheyAreAllowed() throws Exception {
        HttpResponse<String> answer = application.post(POOL, "{\"operation\": \"evict-idle\"}");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(application.audited()).isEmpty();
    }

    private Connection take() throws SQLException {
        Connection connection = Orders.importOrders(application.pool());
        taken.add(connection);
        return connection;
    }

    private static void rollBack(Connection connection) throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
