package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.postgres.TestClients.Client;
import io.crablet.test.PostgresExtension;
import io.crablet.test.PostgresServer;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;

@ExtendWith(PostgresExtension.class)
class ServerSnapshotTests {

    private static final ProbeSettings SETTINGS = new ProbeSettings(
            Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofMillis(300), Duration.ofMillis(300));

    private final TestDatabase database;

    private final TestClients clients;

    private DatabaseProbe probe;

    private String app;

    ServerSnapshotTests(TestDatabase database) {
        this.database = database;
        this.clients = new TestClients(database);
    }

    @BeforeEach
    void start() {
        app = clients.role("app");
        clients.execute("grant create on schema public to " + app);
        watchAs(new DatabaseAddress(database.jdbcUrl(), database.username(), database.password(), new Properties()));
    }

    @AfterEach
    void stop() {
        probe.close();
        clients.close();
    }

    @Test
    void aSessionHasItsStateItsAgesAndItsLastStatement() {
        Client idle =
                clients.connect(app).run("set application_name = 'billing'").run("select 'secret', 42");
        Client inTransaction = clients.connect(app).leaveOpen("create table t (id int)");
        Client active = clients.connect(app);
        active.start("select pg_sleep(30)");

        await().untilAsserted(() -> {
            ServerSnapshot server = snapshot();
            assertThat(server.sessions().get(idle.pid())).isNotNull().satisfies(session -> {
                assertThat(session.state()).isEqualTo("idle");
                assertThat(session.database()).isEqualTo(database.name());
                assertThat(session.user()).isEqualTo(app);
                assertThat(session.applicationName()).isEqualTo("billing");
                assertThat(session.statement()).isEqualTo("select ?, ?");
                assertThat(session.transaction()).isNull();
                assertThat(session.inState()).isPositive().isLessThan(Duration.ofMinutes(1));
                assertThat(session.blockedBy()).isEmpty();
            });
            assertThat(server.sessions().get(inTransaction.pid())).isNotNull().satisfies(session -> {
                assertThat(session.isIdleInTransaction()).isTrue();
                assertThat(session.statement()).isEqualTo("create table t (id int)");
                assertThat(session.waitEvent()).isEqualTo("ClientRead");
                assertThat(session.inState()).isGreaterThan(SETTINGS.idleInTransaction());
                assertThat(session.transaction()).isGreaterThanOrEqualTo(session.inState());
            });
            assertThat(server.sessions().get(active.pid())).isNotNull().satisfies(session -> {
                assertThat(session.isActive()).isTrue();
                assertThat(session.statement()).isEqualTo("select pg_sleep(?)");
                assertThat(session.waitEvent()).isEqualTo("PgSleep");
                assertThat(session.query()).isGreaterThan(SETTINGS.longQuery());
            });
            assertThat(server.idleInTransaction())
                    .extracting(ServerSession::pid)
                    .containsExactly(inTransaction.pid());
            assertThat(server.longRunning()).extracting(ServerSession::pid).containsExactly(active.pid());
            assertThat(server.counts().idleInTransaction()).isEqualTo(1);
            assertThat(server.counts().longRunning()).isEqualTo(1);
            assertThat(server.byState())
                    .containsEntry("idle in transaction", 1)
                    .hasEntrySatisfying("idle", idles -> assertThat(idles).isPositive())
                    .hasEntrySatisfying("active", actives -> assertThat(actives).isGreaterThanOrEqualTo(2));
            assertThat(server.byState().values().stream().mapToInt(i -> i).sum())
                    .isEqualTo(server.counts().connections());
            assertThat(server.joinable()).isTrue();
            assertThat(server.whyNotJoinable()).isNull();
        });
    }

    @Test
    void aChainOfThreeCanBeFollowed() {
        Client third = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(1)");
        Client second = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(2)");
        Client first = clients.connect(app);
        second.start("select pg_advisory_xact_lock(1)");
        await().until(() -> blocked().contains(second.pid()));
        first.start("select pg_advisory_xact_lock(2)");

        await().untilAsserted(() -> {
            ServerSnapshot server = snapshot();
            assertThat(server.counts().blocked()).isEqualTo(2);
            assertThat(server.blocked()).extracting(ServerSession::pid).containsExactly(second.pid(), first.pid());
            assertThat(server.sessions().get(first.pid()).blockedBy()).containsExactly(second.pid());
            assertThat(server.sessions().get(second.pid()).blockedBy()).containsExactly(third.pid());
            assertThat(server.sessions().get(third.pid()).blockedBy()).isEmpty();
            assertThat(server.sessions().get(first.pid()).waitEventType()).isEqualTo("Lock");
        });
    }

    @Test
    void aWaitIsAsOldAsItselfNotAsItsStatement() {
        Client holder = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(1)");
        Client gate = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(2)");
        Client slow = clients.connect(app);
        slow.start("select pg_advisory_xact_lock(2), pg_advisory_xact_lock(1)");
        snapshotWhere(seen -> waits(seen, slow));
        Client quick = clients.connect(app);
        quick.start("select pg_advisory_xact_lock(1)");
        snapshotWhere(seen -> waits(seen, quick));
        gate.run("rollback");

        ServerSnapshot server = snapshotWhere(seen -> seen.counts().blocked() == 2
                && seen.sessions().get(slow.pid()).blockedBy().contains(holder.pid()));
        assertThat(server.blocked()).extracting(ServerSession::pid).containsExactly(quick.pid(), slow.pid());
        assertThat(server.counts().longestLockWait())
                .isPositive()
                .isEqualTo(server.sessions().get(quick.pid()).lockWait())
                .isLessThan(server.sessions().get(slow.pid()).query());
        snapshotWhere(seen -> seen.counts().longestLockWait().toMillis() > 1_000);
        holder.run("rollback");
        snapshotWhere(seen -> seen.counts().longestLockWait().isZero());
    }

    @Test
    void whoIsInTheWayIsAskedOnlyForThoseThatHaveWaitedLongest() {
        Client holder = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(1)");
        for (int i = 0; i < ServerSnapshot.MAX_LISTED + 5; i++) {
            clients.connect(app).start("select pg_advisory_xact_lock_shared(1)");
        }

        ServerSnapshot server = snapshotWhere(seen -> seen.counts().blocked() == ServerSnapshot.MAX_LISTED + 5);
        assertThat(server.blocked())
                .hasSize(ServerSnapshot.MAX_LISTED)
                .allSatisfy(session -> assertThat(session.blockedBy()).contains(holder.pid()));
        assertThat(server.sessions().values())
                .filteredOn(session -> !session.blockedBy().isEmpty())
                .hasSize(ServerSnapshot.MAX_LISTED);
    }

    @Test
    void theHolderOfAnAppendLockIsNamedAlsoWhenItDoesNothing() throws Exception {
        clients.execute("create schema tenant");
        new PostgresSchema(database.dataSource(), "tenant").initialize();
        new PostgresSchema(database.dataSource(), "public").initialize();
        DataSource dataSource = database.dataSource();
        PlatformTransactionManager transactions = new DataSourceTransactionManager(dataSource);
        PostgresEventStore tenant =
                PostgresEventStore.builder(dataSource).schema("tenant").build();
        TransactionStatus transaction = transactions.getTransaction(null);
        tenant.append(List.of(Event.of("A", "{}")));
        int holder = DataSourceUtils.getConnection(dataSource)
                .unwrap(PGConnection.class)
                .getBackendPID();
        assertThat(snapshotWhere(server -> !server.appendLocks().isEmpty()).appendLocks())
                .singleElement()
                .satisfies(lock -> assertThat(lock.waiting()).isZero());
        // The other log's appends are not held up by this one.
        PostgresEventStore.builder(database.dataSource()).build().append(List.of(Event.of("A", "{}")));
        CompletableFuture<AppendResult> waiting =
                CompletableFuture.supplyAsync(() -> tenant.append(List.of(Event.of("A", "{}"))));

        await().untilAsserted(() -> {
            ServerSnapshot server = snapshot();
            assertThat(server.appendLocks()).singleElement().satisfies(lock -> {
                assertThat(lock.schema()).isEqualTo("tenant");
                assertThat(lock.holder()).isEqualTo(holder);
                assertThat(lock.waiting()).isEqualTo(1);
                assertThat(lock.idleInTransaction()).isGreaterThan(SETTINGS.idleInTransaction());
                assertThat(lock.transaction()).isGreaterThanOrEqualTo(lock.idleInTransaction());
            });
            assertThat(server.blocked())
                    .singleElement()
                    .satisfies(session -> assertThat(session.blockedBy()).containsExactly(holder));
        });

        transactions.commit(transaction);
        waiting.get(10, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(snapshot().appendLocks()).isEmpty());
    }

    @Test
    void anAdvisoryLockOfTheSameClassThatIsNoLogsIsNoAppendLock() {
        Client other = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(1668440418, 7)");
        other.run("select pg_advisory_xact_lock((1668440418::bigint << 32) | 7)");

        assertThat(snapshotWhere(server -> server.idleInTransaction().size() == 1)
                        .appendLocks())
                .isEmpty();
    }

    @Test
    void ofAnotherDatabaseOnlyWhatIsWrongIsListed() {
        try (TestDatabase elsewhere = PostgresServer.shared().createDatabase()) {
            Client idle = clients.connect(app, elsewhere.name()).run("select 'secret'");
            Client open = clients.connect(app, elsewhere.name()).leaveOpen("select 'secret'");

            await().untilAsserted(() -> {
                ServerSnapshot server = snapshot();
                assertThat(server.sessions()).doesNotContainKeys(idle.pid(), open.pid());
                assertThat(server.idleInTransaction()).singleElement().satisfies(session -> {
                    assertThat(session.pid()).isEqualTo(open.pid());
                    assertThat(session.database()).isEqualTo(elsewhere.name());
                    assertThat(session.statement()).isEqualTo("select ?");
                });
                assertThat(server.byState()).containsEntry("idle in transaction", 1);
            });
        }
    }

    @Test
    void textOfADatabaseWithAnotherEncodingDoesNoHarm() {
        String name = database.name() + "_latin";
        clients.execute("create database " + name + " encoding 'LATIN1' locale 'C' template template0");
        try {
            Client open = clients.connect(app, name).leaveOpen("select 'é', '" + "ü".repeat(2_000) + "'");

            ServerSnapshot server =
                    snapshotWhere(seen -> seen.idleInTransaction().size() == 1);
            assertThat(server.idleInTransaction()).singleElement().satisfies(session -> {
                assertThat(session.pid()).isEqualTo(open.pid());
                assertThat(session.statement()).isNull();
            });
        } finally {
            clients.execute("drop database " + name + " with (force)");
        }
    }

    @Test
    void aRoleWithoutRightsSeesWhoIsInTheWayButNotWhatTheyDo() {
        String watcher = clients.role("watcher");
        Client holder = clients.connect(app).leaveOpen("select pg_advisory_xact_lock(1)");
        Client own = clients.connect(watcher).run("select 'own'");
        Client blocked = clients.connect(app);
        blocked.start("select pg_advisory_xact_lock(1), 'secret'");
        watchAs(clients.address(watcher));

        await().untilAsserted(() -> {
            ServerSnapshot server = snapshot();
            assertThat(server.counts().hidden()).isGreaterThanOrEqualTo(2);
            assertThat(server.byState()).containsEntry("hidden", server.counts().hidden());
            assertThat(server.counts().blocked()).isEqualTo(1);
            assertThat(server.sessions().get(holder.pid())).isNotNull().satisfies(session -> {
                assertThat(session.user()).isEqualTo(app);
                assertThat(session.state()).isNull();
                assertThat(session.transaction()).isNull();
                assertThat(session.statement()).isNull();
            });
            assertThat(server.sessions().get(blocked.pid()).blockedBy()).containsExactly(holder.pid());
            assertThat(server.sessions().get(own.pid()).statement()).isEqualTo("select ?");
            assertThat(server.idleInTransaction()).isEmpty();
            assertThat(server.joinable()).isTrue();
        });

        clients.execute("grant pg_read_all_stats to " + watcher);
        assertThat(snapshotWhere(server -> server.counts().hidden() == 0)
                        .sessions()
                        .get(holder.pid())
                        .statement())
                .isEqualTo("select pg_advisory_xact_lock(?)");
    }

    @Test
    void whatTheServerHasCutOffShowsNoLiteralAndNamesCannotSteerATerminal() {
        Client client = clients.connect(app)
                .run("set application_name = E'app\\u001b[31m'")
                .run("select a, '" + "top-secret ".repeat(500) + "' from (select 1 as a) s /* top-secret */");
        Client names = clients.connect(app).run("select 7 as \"\u001b[31m\" -- top-secret");

        await().untilAsserted(() -> {
            assertThat(snapshot().sessions().get(client.pid())).isNotNull().satisfies(session -> {
                assertThat(session.statement()).isEqualTo("select a, ?");
                assertThat(session.applicationName()).startsWith("app").doesNotContain("\u001b");
            });
            assertThat(snapshot().sessions().get(names.pid()))
                    .isNotNull()
                    .satisfies(session -> assertThat(session.statement()).isEqualTo("select ? as \"\uFFFD[31m\""));
        });
    }

    @Test
    void theServersClockSaysHowOldThingsAre() {
        Client client = clients.connect(app).leaveOpen("select 1");
        DatabaseProbe wrong = new DatabaseProbe(
                "test",
                clients.address(app),
                SETTINGS,
                InstantSource.offset(InstantSource.system(), Duration.ofHours(1)));
        try {
            wrong.start();
            assertThat(wrong.answer()).isInstanceOfSatisfying(Answered.class, answer -> {
                assertThat(answer.server().sessions().get(client.pid()).inState())
                        .isLessThan(Duration.ofMinutes(1));
                assertThat(answer.server().takenAt())
                        .isCloseTo(
                                InstantSource.system().instant().plus(Duration.ofHours(1)),
                                within(1, ChronoUnit.MINUTES));
            });
        } finally {
            wrong.close();
        }
    }

    private void watchAs(ConnectionSource source) {
        if (probe != null) {
            probe.close();
        }
        probe = new DatabaseProbe("test", source, SETTINGS, InstantSource.system());
        probe.start();
    }

    private ServerSnapshot snapshot() {
        return ((Answered) probe.answer()).server();
    }

    private ServerSnapshot snapshotWhere(Predicate<ServerSnapshot> condition) {
        return await().until(this::snapshot, condition);
    }

    private static boolean waits(ServerSnapshot seen, Client client) {
        ServerSession session = seen.sessions().get(client.pid());
        return session != null && session.lockWait() != null;
    }

    private List<Integer> blocked() {
        return snapshot().blocked().stream().map(ServerSession::pid).toList();
    }
}
