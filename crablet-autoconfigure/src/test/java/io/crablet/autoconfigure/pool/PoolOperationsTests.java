package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.jdbc.core.simple.JdbcClient;
import shop.Orders;

/** What each operation does, over HTTP, of a pool whose role is no superuser. */
@ExtendWith(PostgresExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
class PoolOperationsTests {

    private static final String POOL = "/actuator/pool/dataSource";

    private final LimitedRole role;

    private final TestDatabase database;

    private final EndpointApplication application;

    private final HikariDataSource pool;

    private final List<Connection> opened = new ArrayList<>();

    private final ExecutorService executor = Executors.newCachedThreadPool();

    PoolOperationsTests(TestDatabase database) throws SQLException {
        this.database = database;
        this.role = new LimitedRole(database);
        List<String> properties = new ArrayList<>(List.of(role.properties()));
        properties.addAll(List.of(
                EndpointApplication.UNRESTRICTED,
                "crablet.pool.watch.show-sql=always",
                "spring.datasource.hikari.allow-pool-suspension=true"));
        this.application = new EndpointApplication(database, properties.toArray(String[]::new));
        this.pool = application.pool();
    }

    @AfterEach
    void tidyUp() throws Exception {
        for (Connection connection : opened) {
            connection.close();
        }
        opened.clear();
        operate("\"operation\": \"resume\"");
        operate("\"operation\": \"reset\", \"confirm\": \"dataSource\"");
        // Refused while sessions of the pool's own are still ending: they count as others'.
        await().untilAsserted(() -> assertThat(
                        operate("\"operation\": \"resize\", \"maximumPoolSize\": 5, \"minimumIdle\": 0")
                                .statusCode())
                .isEqualTo(200));
        application.audited().clear();
    }

    @AfterAll
    void close() throws SQLException {
        executor.shutdown();
        application.close();
        role.awaitNoSessions();
        role.close();
    }

    @Test
    void evictIdleClosesWhatNobodyUsesAndTheRestWhenItComesBack() throws Exception {
        Connection used = borrow();
        int idlePid;
        try (Connection idle = pool.getConnection()) {
            idlePid = pid(idle);
        }
        HttpResponse<String> answer = operate("\"operation\": \"evict-idle\"");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((String) read(answer, "$.outcome")).isEqualTo("done");
        assertThat((Integer) read(answer, "$.before.idle")).isEqualTo(1);
        assertThat((Integer) read(answer, "$.after.idle")).isZero();
        assertThat((Integer) read(answer, "$.after.active")).isEqualTo(1);
        awaitGone(idlePid);
        int usedPid = pid(used);
        assertThat(isThere(usedPid)).isTrue();
        used.close();
        awaitGone(usedPid);
    }

    @Test
    void resizeMakesThePoolSmallerAndLarger() throws Exception {
        Connection first = borrow();
        Connection second = borrow();
        borrow().close();
        HttpResponse<String> answer = operate("\"operation\": \"resize\", \"maximumPoolSize\": 2");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((String) read(answer, "$.message"))
                .contains("maximum-pool-size from 5 to 2", "It has 3 connections");
        await().until(() -> pool.getHikariPoolMXBean().getTotalConnections() == 2);
        assertThatThrownBy(pool::getConnection).isInstanceOf(SQLTransientConnectionException.class);

        assertThat(operate("\"operation\": \"resize\", \"maximumPoolSize\": 3, \"minimumIdle\": 1")
                        .statusCode())
                .isEqualTo(200);
        Connection third = borrow();
        assertThat(List.of(pid(first), pid(second), pid(third))).doesNotHaveDuplicates();
        assertThat(pool.getMinimumIdle()).isEqualTo(1);
        HttpResponse<String> pools = application.get(POOL);
        assertThat((Map<?, ?>) read(pools, "$.settings.maximum-pool-size"))
                .isEqualTo(Map.of("value", 3, "configured", "5", "from", "defaultProperties"));

        operate("\"operation\": \"resize\", \"maximumPoolSize\": 1");
        assertThat(pool.getMinimumIdle()).isEqualTo(1);
        assertThat(pool.getMaximumPoolSize()).isEqualTo(1);
    }

    @Test
    void resizeRefusesWhatTheServerHasNoRoomForAlsoWhenThePoolIsExhausted() throws Exception {
        for (int i = 0; i < 5; i++) {
            borrow();
        }
        HttpResponse<String> answer = operate("\"operation\": \"resize\", \"maximumPoolSize\": 9");
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat((String) read(answer, "$.outcome")).isEqualTo("refused");
        assertThat((String) read(answer, "$.message"))
                .contains("no room for a maximum-pool-size of 9", "connection limit of role 'capacity_role' 10");
        assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
        assertThat(operate("\"operation\": \"resize\", \"maximumPoolSize\": 6").statusCode())
                .isEqualTo(200);
        borrow();
    }

    @Test
    void reclaimTakesAConnectionFromItsBorrowerAndEndsWhatItRuns() throws Exception {
        Connection connection = borrow();
        int pid = pid(connection);
        Future<?> query = executor.submit(() -> execute(connection, "select pg_sleep(60)"));
        await().until(() -> isRunning(pid));
        int id = read(application.get(POOL), "$.borrowed[0].id");

        HttpResponse<String> answer = operate("\"operation\": \"reclaim\", \"id\": " + id);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((String) read(answer, "$.message")).contains("shop.Orders.importOrders");
        assertThat((Integer) read(answer, "$.before.active")).isEqualTo(1);
        assertThat((Integer) read(answer, "$.after.active")).isZero();
        assertThatThrownBy(query::get).hasCauseInstanceOf(SQLException.class);
        assertThatThrownBy(connection::createStatement)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("operator");
        awaitGone(pid);
        HttpResponse<String> after = application.get(POOL);
        assertThat((List<?>) read(after, "$.borrowed")).isEmpty();
        assertThat((Integer) read(after, "$.recentLeaks[0].connection.id")).isEqualTo(id);

        HttpResponse<String> again = operate("\"operation\": \"reclaim\", \"id\": " + id);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat((String) read(again, "$.message")).contains("no borrowed connection with the id " + id);
    }

    @Test
    void cancelEndsAStatementAndLeavesTheConnectionWithItsBorrower() throws Exception {
        Connection connection = borrow();
        int pid = pid(connection);
        Future<?> query = executor.submit(() -> execute(connection, "select pg_sleep(60)"));
        await().until(() -> isRunning(pid));

        HttpResponse<String> answer = operate("\"operation\": \"cancel\", \"pid\": " + pid);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((Boolean) read(answer, "$.sessions[0].sent")).isTrue();
        assertThatThrownBy(query::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        execute(connection, "select 1");

        HttpResponse<String> again = operate("\"operation\": \"cancel\", \"pid\": " + pid);
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat((String) read(again, "$.message")).contains("runs no statement");
    }

    @Test
    void terminateEndsASessionAndSaysHowToFreeItsSlot() throws Exception {
        Connection connection = borrow();
        int pid = pid(connection);
        int id = read(application.get(POOL), "$.borrowed[0].id");

        HttpResponse<String> answer = operate("\"operation\": \"terminate\", \"pid\": \"" + pid + "\"");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((String) read(answer, "$.message")).contains("was told to end", "reclaim of id " + id);
        awaitGone(pid);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
        assertThatThrownBy(() -> execute(connection, "select 1")).isInstanceOf(SQLException.class);
    }

    @Test
    void terminateIdleInTransactionEndsTheOldAndLeavesSuperusersAndTheYoungAlone() throws Exception {
        Connection ours = role.dataSource().getConnection();
        Connection superusers = database.dataSource().getConnection();
        opened.add(ours);
        opened.add(superusers);
        for (Connection connection : List.of(ours, superusers)) {
            connection.setAutoCommit(false);
            execute(connection, "select 1");
        }
        int oursPid = pid(ours);
        int superusersPid = pid(superusers);
        assertThat(operate("\"operation\": \"terminate-idle-in-transaction\", \"olderThan\": \"1h\"")
                        .statusCode())
                .isEqualTo(200);
        assertThat(isThere(oursPid)).isTrue();

        await().until(() -> secondsInState(oursPid) > 1);
        HttpResponse<String> answer =
                operate("\"operation\": \"terminate-idle-in-transaction\", \"olderThan\": \"1s\"");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((List<?>) read(answer, "$.sessions[?(@.sent)].pid")).isEqualTo(List.of(oursPid));
        awaitGone(oursPid);
        assertThat(isThere(superusersPid)).isTrue();
    }

    @Test
    void theWatchItselfAndSuperusersAreLeftAlone() throws Exception {
        Connection superusers = database.dataSource().getConnection();
        opened.add(superusers);
        int watch = JdbcClient.create(database.dataSource())
                .sql("select pid from pg_stat_activity where application_name = 'crablet-watch' and datname = ?")
                .param(database.name())
                .query(Integer.class)
                .single();
        for (int pid : List.of(watch, pid(superusers))) {
            for (String operation : List.of("cancel", "terminate")) {
                HttpResponse<String> answer = operate("\"operation\": \"%s\", \"pid\": %d".formatted(operation, pid));
                assertThat(answer.statusCode()).isEqualTo(409);
                assertThat((Boolean) read(answer, "$.sessions[0].sent")).isFalse();
                assertThat(isThere(pid)).isTrue();
            }
        }
    }

    @Test
    void resetTakesEveryConnectionOnceItIsConfirmed() throws Exception {
        Connection first = borrow();
        Connection second = borrow();
        borrow().close();
        List<Integer> pids = List.of(pid(first), pid(second));
        for (String confirm : List.of("", ", \"confirm\": \"yes\"")) {
            HttpResponse<String> answer = operate("\"operation\": \"reset\"" + confirm);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat((String) read(answer, "$.message")).contains("\"confirm\"");
        }
        execute(first, "select 1");

        HttpResponse<String> answer = operate("\"operation\": \"reset\", \"confirm\": \"dataSource\"");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat((String) read(answer, "$.message")).startsWith("Closed all connections, 1 idle and 2 in use.");
        assertThat((Integer) read(answer, "$.after.total")).isZero();
        for (int pid : pids) {
            awaitGone(pid);
        }
        assertThatThrownBy(() -> execute(first, "select 1")).isInstanceOf(SQLException.class);
        execute(borrow(), "select 1");
    }

    @Test
    void resetDoesNotClaimWhatTheLedgerDoesNotKnow() throws Exception {
        borrow();
        try (Connection unknown = Unwrapping.bare(pool).getConnection()) {
            HttpResponse<String> answer = operate("\"operation\": \"reset\", \"confirm\": \"dataSource\"");
            assertThat((String) read(answer, "$.message"))
                    .startsWith("Closed 0 idle connections and 1 in use. 1 connections that the ledger does not know");
            assertThat((Integer) read(answer, "$.after.active")).isEqualTo(1);
            execute(unknown, "select 1");
        }
    }

    @Test
    void aSuspendedPoolLetsCallersWaitUntilItIsResumed() throws Exception {
        execute(borrow(), "select 1");
        assertThat(operate("\"operation\": \"suspend\"").statusCode()).isEqualTo(200);
        HttpResponse<String> suspended = application.get(POOL);
        assertThat((String) read(suspended, "$.message")).startsWith("The pool is suspended");
        Future<Connection> waiting = executor.submit(() -> pool.getConnection());

        HttpResponse<String> again = operate("\"operation\": \"suspend\"");
        assertThat(again.statusCode()).isEqualTo(409);
        assertThat((String) read(again, "$.message")).isEqualTo("Pool dataSource does not run: it is suspended.");
        assertThat(waiting).isNotDone();

        assertThat(operate("\"operation\": \"resume\"").statusCode()).isEqualTo(200);
        waiting.get().close();
        HttpResponse<String> resumed = operate("\"operation\": \"resume\"");
        assertThat(resumed.statusCode()).isEqualTo(409);
        assertThat((String) read(resumed, "$.message")).isEqualTo("Pool dataSource is not suspended: it is running.");
    }

    @Test
    void aPoolIsNotSuspendedWhileCallersWait() throws Exception {
        for (int i = 0; i < 5; i++) {
            borrow();
        }
        Future<Connection> waiting = executor.submit(() -> pool.getConnection());
        await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
        HttpResponse<String> answer = operate("\"operation\": \"suspend\"");
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat((String) read(answer, "$.message")).startsWith("1 callers wait for a connection of pool dataSource");
        opened.remove(0).close();
        waiting.get().close();
        assertThat(operate("\"operation\": \"suspend\"").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "x": 1                                                       | No operation takes 'x'; they take maximumPoolSize,
                    "pid": 1                                                     | "operation" is missing; it is one of evict-idle,
                    "operation": "drop"                                          | There is no operation 'drop'; there are evict-idle,
                    "operation": "evict-idle", "id": 1                           | evict-idle takes no argument, and not "id".
                    "operation": "resize"                                        | resize needs "maximumPoolSize", "minimumIdle" or both.
                    "operation": "resize", "maximumPoolSize": 0                  | "maximumPoolSize" of resize is '0'; it has to be a whole number, 1 or more.
                    "operation": "resize", "minimumIdle": -1                     | "minimumIdle" of resize is '-1'; it has to be a whole number, 0 or more.
                    "operation": "resize", "minimumIdle": 6                      | "minimumIdle" would be 6, above the "maximumPoolSize" of 5
                    "operation": "resize", "maximumPoolSize": 2, "minimumIdle": 3| "minimumIdle" would be 3, above the "maximumPoolSize" of 2
                    "operation": "resize", "maximumPoolSize": 3, "pid": 2        | resize takes "maximumPoolSize", "minimumIdle", and not "pid".
                    "operation": "reclaim"                                       | reclaim needs "id".
                    "operation": "cancel", "pid": "all"                          | "pid" of cancel is 'all'; it has to be a whole number, 1 or more.
                    "operation": "terminate", "pid": 99999999999                 | "pid" of terminate is '99999999999'; it has to be a whole number, 1 or more.
                    "operation": "terminate-idle-in-transaction"                 | terminate-idle-in-transaction needs "olderThan".
                    "operation": "terminate-idle-in-transaction", "olderThan": 5 | "olderThan" of terminate-idle-in-transaction is '5'; it has to be a duration with its unit
                    "operation": "terminate-idle-in-transaction", "olderThan": "10ms" | "olderThan" of terminate-idle-in-transaction is '10ms'; it has to be
                    "operation": "terminate-idle-in-transaction", "olderThan": "366d" | "olderThan" of terminate-idle-in-transaction is '366d'; it has to be a duration with its unit, such as 30s or 5m, at least 1 s and at most 365 days.
                    "operation": "terminate-idle-in-transaction", "olderThan": "999999999d" | "olderThan" of terminate-idle-in-transaction is '999999999d'; it has to be
                    "operation": "terminate-idle-in-transaction", "olderThan": "PT99999999999999H" | "olderThan" of terminate-idle-in-transaction is 'PT99999999999999H'; it has to be
                    "operation": "terminate-idle-in-transaction", "olderThan": "PT" | "olderThan" of terminate-idle-in-transaction is 'PT'; it has to be
                    """)
    void whatMakesNoSenseIsABadRequestThatSaysWhy(String json, String message) throws Exception {
        borrow();
        HttpResponse<String> answer = operate(json);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat((String) read(answer, "$.outcome")).isEqualTo("invalid");
        assertThat((String) read(answer, "$.message")).startsWith(message);
        assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
        assertThat(application.audited())
                .singleElement()
                .satisfies(event -> assertThat(event.getData()).containsEntry("outcome", "invalid"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                          | "selectedPool": "other"
                    ''                          | "name": "other"
                    ''                          | "security": "x"
                    ?selectedPool=other         |
                    ?name=other                 |
                    ?operation=evict-idle       |
                    ?operation=resize           |
                    """)
    void onlyThePathNamesThePoolAndOnlyTheBodySaysWhatToDo(String query, String more) throws Exception {
        String json =
                "{\"operation\": \"resize\", \"maximumPoolSize\": 3%s}".formatted(more == null ? "" : ", " + more);
        HttpResponse<String> answer = application.post(POOL + query, json);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat((String) read(answer, "$.outcome")).isEqualTo("invalid");
        assertThat((String) read(answer, "$.pool")).isEqualTo("dataSource");
        assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
    }

    @Test
    void anotherPoolIsNotReadThanThePathNames() throws Exception {
        assertThat((String) read(application.get(POOL + "?name=other"), "$.name"))
                .isEqualTo("dataSource");
        assertThat(application.get(POOL + "?selectedPool=other").statusCode()).isEqualTo(400);
    }

    @Test
    void anUnknownPoolIsNotFound() throws Exception {
        HttpResponse<String> answer = application.post("/actuator/pool/other", "{\"operation\": \"evict-idle\"}");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat((String) read(answer, "$.message")).contains("dataSource");
        assertThat(application.audited())
                .singleElement()
                .satisfies(event -> assertThat(event.getData())
                        .containsEntry("pool", "other")
                        .containsEntry("outcome", "invalid"));
    }

    @Test
    void eachOperationIsAuditedAlsoARefusedOne() throws Exception {
        borrow();
        application.postAs("alice", POOL, "{\"operation\": \"evict-idle\"}");
        operate("\"operation\": \"terminate\", \"pid\": 1");

        assertThat(application.audited())
                .extracting(AuditEvent::getType)
                .containsExactly("POOL_EVICT_IDLE", "POOL_TERMINATE");
        AuditEvent evicted = application.audited().get(0);
        assertThat(evicted.getPrincipal()).isEqualTo("alice");
        assertThat(evicted.getData()).containsEntry("pool", "dataSource").containsEntry("outcome", "done");
        AuditEvent refused = application.audited().get(1);
        assertThat(refused.getPrincipal()).isEqualTo("anonymous");
        assertThat(refused.getData())
                .containsEntry("arguments", Map.of("pid", "1"))
                .containsEntry("outcome", "refused");
    }

    @Test
    void sqlIsShownToEverybodyIfThatIsWanted() throws Exception {
        Connection connection = borrow();
        execute(connection, "select 'a secret', 42");
        await().untilAsserted(
                        () -> assertThat((String) read(application.get(POOL), "$.borrowed[0].server.lastStatement"))
                                .isEqualTo("select ?, ?"));
    }

    private HttpResponse<String> operate(String json) throws Exception {
        return application.post(POOL, "{" + json + "}");
    }

    private Connection borrow() throws SQLException {
        Connection connection = Orders.importOrders(pool);
        opened.add(connection);
        return connection;
    }

    private static int pid(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    private void awaitGone(int pid) {
        await().until(() -> !isThere(pid));
    }

    private boolean isThere(int pid) {
        return holds("select exists (select from pg_stat_activity where pid = ?)", pid);
    }

    private boolean isRunning(int pid) {
        return holds("select exists (select from pg_stat_activity where pid = ? and wait_event = 'PgSleep')", pid);
    }

    private double secondsInState(int pid) {
        return JdbcClient.create(database.dataSource())
                .sql("select extract(epoch from clock_timestamp() - state_change) from pg_stat_activity where pid = ?")
                .param(pid)
                .query(Double.class)
                .single();
    }

    private boolean holds(String sql, int pid) {
        return JdbcClient.create(database.dataSource())
                .sql(sql)
                .param(pid)
                .query(Boolean.class)
                .single();
    }

    private static Void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return null;
    }
}
