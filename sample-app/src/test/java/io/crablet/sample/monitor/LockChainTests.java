package io.crablet.sample.monitor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** How the monitor draws who waits for whom. */
@Tag("monitor")
class LockChainTests {

    private static final String DATABASE = "shop";

    @RegisterExtension
    static final Sessions sessions = new Sessions(
            builder ->
                    builder.setServerConfig("max_prepared_transactions", "5").setServerConfig("max_connections", "150"),
            "create role app login",
            "create database shop owner app");

    private final Monitor monitor = Monitor.at(sessions.url(DATABASE), "app");

    @Test
    void aChainIsDrawnFromWhoHoldsItToWhoWaitsLast() throws Exception {
        Connection holder = sessions.idleInTransaction(DATABASE, "app", "holder");
        Connection between = sessions.idleInTransaction(DATABASE, "app", "between");
        Connection last = sessions.idleInTransaction(DATABASE, "app", "last");
        Sessions.execute(holder, "select pg_advisory_xact_lock(1)");
        Sessions.execute(between, "select pg_advisory_xact_lock(2)");
        try (Background first = new Background(between, "select pg_advisory_xact_lock(1)")) {
            await().until(() -> json().get("blockedCount").asInt() == 1);
            try (Background second = new Background(last, "select pg_advisory_xact_lock(2)")) {
                await().until(() -> json().get("blockedCount").asInt() == 2);

                assertThat(monitor.run("--once").out())
                        .containsPattern(
                                "\n  " + Sessions.pid(holder) + " holds, idle in transaction .* holder .*\n  └─ "
                                        + Sessions.pid(between) + " waits .* between .*\n     └─ " + Sessions.pid(last)
                                        + " waits .* for advisory .* last ");
                holder.rollback();
                first.await();
                between.rollback();
                second.await();
            }
        }
    }

    /** Of a hundred it is asked who is in their way. */
    @Test
    void countsAreOfAllAlsoWhereAListIsNot() throws Exception {
        Connection holder = sessions.idleInTransaction(DATABASE, "app", "holder");
        Sessions.execute(holder, "select pg_advisory_xact_lock(4)");
        List<Background> waiting = new ArrayList<>();
        for (int i = 0; i < 110; i++) {
            Connection waiter = sessions.open(DATABASE, "app", "waiter " + i);
            waiting.add(new Background(waiter, "select pg_advisory_xact_lock(4)"));
        }
        await().until(() -> json().get("blockedCount").asInt() == 110);

        assertThat(monitor.run("--once", "--blocked", "1ms").out())
                .contains("110 sessions wait for a lock for more than 1ms, the longest for ")
                .containsPattern("Blocking chains: 110 waiting\n(.+\n){10}  and 101 more\n")
                .containsPattern("By application\n(.+\n){11}  and 102 more\n");
        holder.rollback();
        for (Background each : waiting) {
            each.await();
        }
    }

    @Test
    void aDeadlockHasNoHolder() throws Exception {
        Connection one = sessions.idleInTransaction(DATABASE, Sessions.SUPERUSER, "one");
        Connection two = sessions.idleInTransaction(DATABASE, Sessions.SUPERUSER, "two");
        for (Connection each : List.of(one, two)) {
            Sessions.execute(each, "set deadlock_timeout = '1min'");
        }
        Sessions.execute(one, "select pg_advisory_xact_lock(1)");
        Sessions.execute(two, "select pg_advisory_xact_lock(2)");
        try (Background first = new Background(one, "select pg_advisory_xact_lock(2)");
                Background second = new Background(two, "select pg_advisory_xact_lock(1)")) {
            await().until(() -> json().get("blockedCount").asInt() == 2);

            JsonNode chains = json().get("chains");
            assertThat(chains).hasSize(2).allSatisfy(row -> {
                assertThat(row.get("deadlock").asBoolean()).isTrue();
                assertThat(row.get("depth").asInt()).isZero();
            });
            assertThat(monitor.run("--once").out()).contains(Sessions.pid(one) + " in a deadlock, or behind one");
            sessions.administer("select pg_terminate_backend(" + Sessions.pid(one) + ")");
            second.await();
            assertThat(first.done()).failsWithin(Duration.ofSeconds(10));
        }
    }

    @Test
    void aPreparedTransactionHoldsTooAndHasNoSession() throws Exception {
        Connection holder = sessions.idleInTransaction(DATABASE, "app", "holder");
        Sessions.execute(holder, "select pg_advisory_xact_lock(3)");
        Sessions.execute(holder, "prepare transaction 'left'");
        Connection waiter = sessions.idleInTransaction(DATABASE, "app", "waiter");
        try (Background waits = new Background(waiter, "select pg_advisory_xact_lock(3)")) {
            await().until(() -> json().get("blockedCount").asInt() == 1);

            assertThat(json().get("chains").get(0).get("holder").asInt()).isZero();
            assertThat(monitor.run("--once").out())
                    .containsPattern("\n  a prepared transaction \\(pg_prepared_xacts\\)\n  └─ " + Sessions.pid(waiter)
                            + " waits");
            holder.setAutoCommit(true);
            Sessions.execute(holder, "rollback prepared 'left'");
            waits.await();
        }
    }

    private JsonNode json() {
        return monitor.run("--once", "--json").json();
    }

    /** A statement that waits. */
    private record Background(CompletableFuture<Void> done) implements AutoCloseable {

        Background(Connection connection, String sql) {
            this(CompletableFuture.runAsync(
                    () -> {
                        try {
                            Sessions.execute(connection, sql);
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    },
                    task -> new Thread(task, sql).start()));
        }

        void await() throws Exception {
            done.get(10, SECONDS);
        }

        @Override
        public void close() {
            done.cancel(true);
        }
    }
}
