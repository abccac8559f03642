package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crablet.TcpForwarder;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.postgres.TestClients.Client;
import io.crablet.test.PostgresExtension;
import io.crablet.test.PostgresServer;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class SessionSignalsTests {

    private static final ProbeSettings SETTINGS = new ProbeSettings(
            Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30));

    private final TestDatabase database;

    private final TestClients clients;

    private String app;

    private DatabaseProbe probe;

    SessionSignalsTests(TestDatabase database) {
        this.database = database;
        this.clients = new TestClients(database);
    }

    @BeforeEach
    void start() {
        app = clients.role("app");
        probe = watchAs(clients.address(app));
    }

    @AfterEach
    void stop() {
        probe.close();
        clients.close();
    }

    @Test
    void aStatementIsCancelledAndItsSessionLives() throws Exception {
        Client client = clients.connect(app);
        CompletableFuture<String> end = client.start("select pg_sleep(60)");
        await().until(() -> states("active", client.pid()) == 1);

        SessionSignal signal = probe.cancel(client.pid());

        assertThat(signal.sent()).isTrue();
        assertThat(signal.pid()).isEqualTo(client.pid());
        assertThat(signal.message())
                .matches("Session %d of role %s, active for \\d+ s, was told to cancel its statement\\."
                        .formatted(client.pid(), app));
        assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo("57014");
        assertThat(clients.lives(client.pid())).isTrue();
    }

    @Test
    void aSessionThatRunsNothingHasNothingToCancel() throws SQLException {
        Client client = clients.connect(app).leaveOpen("select 1");

        assertRefused(
                probe.cancel(client.pid()),
                "it runs no statement that could be cancelled, it is idle in transaction; terminate would end it");
    }

    @Test
    void aSessionIsTerminated() throws SQLException {
        Client client = clients.connect(app).leaveOpen("select 1");

        SessionSignal signal = probe.terminate(client.pid());

        assertThat(signal.sent()).isTrue();
        assertThat(signal.message()).contains("idle in transaction for", "was told to end");
        await().until(() -> !clients.lives(client.pid()));
    }

    @Test
    void onlySessionsIdleInTransactionForLongAreTerminatedTogether() throws SQLException {
        Client old = clients.connect(app).leaveOpen("select 1");
        Client idle = clients.connect(app).run("select 1");
        Client busy = clients.connect(app).leaveOpen("select 1");
        busy.start("select pg_sleep(60)");
        Client root = clients.connect(database.username()).leaveOpen("select 1");
        await().until(() -> clients.query("select count(*) from pg_stat_activity where datname = '" + database.name()
                        + "' and state = 'idle in transaction' and state_change < clock_timestamp() - interval '2 s'")
                == 2);
        Client young = clients.connect(app).leaveOpen("select 1");

        assertThat(probe.terminateIdleInTransaction(Duration.ofSeconds(2)))
                .filteredOn(SessionSignal::sent)
                .extracting(SessionSignal::pid)
                .containsExactly(old.pid());
        await().until(() -> !clients.lives(old.pid()));
        for (Client spared : new Client[] {idle, busy, root, young}) {
            assertThat(clients.lives(spared.pid())).isTrue();
        }
    }

    @Test
    void theSuperusersAmongTheIdleAreReportedAsRefused() throws SQLException {
        watchAsSuperuser();
        Client root = clients.connect(database.username()).leaveOpen("select 1");

        assertThat(probe.terminateIdleInTransaction(Duration.ZERO))
                .singleElement()
                .satisfies(signal -> assertRefused(signal, "its role " + database.username() + " is a superuser"));
        assertThat(clients.lives(root.pid())).isTrue();
    }

    @Test
    void aSuperusersSessionIsLeftAloneAlsoByASuperuser() throws SQLException {
        watchAsSuperuser();
        Client root = clients.connect(database.username());
        root.start("select pg_sleep(60)");

        assertRefused(probe.cancel(root.pid()), "its role " + database.username() + " is a superuser");
        assertRefused(probe.terminate(root.pid()), "its role " + database.username() + " is a superuser");
        assertThat(clients.lives(root.pid())).isTrue();
    }

    @Test
    void theWatchLeavesItselfAloneAndOtherWatches() throws SQLException {
        int own = ownPid();
        Client other = clients.connect(app)
                .run("set application_name = 'crablet-watch'")
                .leaveOpen("select 1");

        assertRefused(probe.terminate(own), "it is a session of the watch itself");
        assertRefused(probe.terminate(other.pid()), "it is a session of the watch itself");
        assertThat(clients.lives(own) && clients.lives(other.pid())).isTrue();
    }

    @Test
    void anotherDatabasesSessionIsLeftAlone() throws SQLException {
        try (TestDatabase elsewhere = PostgresServer.shared().createDatabase()) {
            Client client = clients.connect(app, elsewhere.name()).leaveOpen("select 1");

            assertRefused(probe.terminate(client.pid()), "it is connected to another database, " + elsewhere.name());
            assertThat(probe.terminateIdleInTransaction(Duration.ZERO)).isEmpty();
            assertThat(clients.lives(client.pid())).isTrue();
        }
    }

    @Test
    void whatIsNoClientIsLeftAlone() throws SQLException {
        watchAsSuperuser();
        int checkpointer = clients.query("select pid from pg_stat_activity where backend_type = 'checkpointer'");
        int launcher =
                clients.query("select pid from pg_stat_activity where backend_type = 'logical replication launcher'");

        for (int pid : new int[] {checkpointer, launcher}) {
            assertRefused(
                    probe.terminate(pid),
                    "it is no client's session but works for the server itself, or for a replica");
            assertThat(clients.lives(pid)).isTrue();
        }
    }

    @Test
    void aReplicasSessionIsLeftAlone() throws SQLException {
        watchAsSuperuser();
        clients.execute("alter role " + app + " replication");
        Properties replication = new Properties();
        replication.setProperty("user", app);
        replication.setProperty("password", TestClients.PASSWORD);
        replication.setProperty("replication", "database");
        replication.setProperty("assumeMinServerVersion", "14");
        replication.setProperty("preferQueryMode", "simple");
        try (Connection replica = DriverManager.getConnection(database.jdbcUrl(), replication)) {
            assertThat(replica.isClosed()).isFalse();
            int pid = clients.query("select pid from pg_stat_activity where backend_type = 'walsender'");

            assertRefused(
                    probe.terminate(pid),
                    "it is no client's session but works for the server itself, or for a replica");
            assertThat(clients.lives(pid)).isTrue();
        }
    }

    @Test
    void aPidThatIsNoSessionsIsSaidToBe() throws SQLException {
        assertRefused(probe.terminate(1), "there is no such session");
        assertRefused(probe.cancel(-1), "there is no such session");
    }

    @Test
    void aRoleWithoutTheRightsIsToldWhichItNeeds() throws SQLException {
        String watcher = clients.role("watcher");
        Client client = clients.connect(app).leaveOpen("select 1");
        probe.close();
        probe = watchAs(clients.address(watcher));

        String reason = "it is a session of role %s, and the watch's role %s is not permitted that: it needs "
                        .formatted(app, watcher)
                + "pg_signal_backend and pg_read_all_stats";
        assertRefused(probe.terminate(client.pid()), reason);
        clients.execute("grant pg_signal_backend to " + watcher);
        assertRefused(probe.terminate(client.pid()), reason);
        clients.execute("grant pg_read_all_stats to " + watcher);
        assertThat(probe.terminate(client.pid()).sent()).isTrue();
        await().until(() -> !clients.lives(client.pid()));
    }

    @Test
    void aSilentServerIsWaitedForNoLongerThanTheTimeLimit() throws IOException {
        try (TcpForwarder network =
                new TcpForwarder(database.server().host(), database.server().port())) {
            String url = "jdbc:postgresql://127.0.0.1:%d/%s".formatted(network.port(), database.name());
            probe.close();
            ProbeSettings impatient = new ProbeSettings(
                    SETTINGS.interval(), Duration.ofSeconds(2), SETTINGS.longQuery(), SETTINGS.idleInTransaction());
            probe = watchAs(new DatabaseAddress(url, app, TestClients.PASSWORD, new Properties()), impatient);
            network.silence();

            assertThatThrownBy(() -> probe.terminate(1)).isInstanceOf(SQLTimeoutException.class);
        }
    }

    @Test
    void aProbeThatDoesNotRunRefuses() {
        probe.close();

        assertThatThrownBy(() -> probe.terminate(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("The watch of pool test is not running");
        assertThatThrownBy(() -> probe.terminateIdleInTransaction(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertRefused(SessionSignal signal, String reason) {
        assertThat(signal.sent()).isFalse();
        assertThat(signal.message()).isEqualTo("Session %d was left alone: %s.".formatted(signal.pid(), reason));
    }

    private int states(String state, int pid) {
        return clients.query(
                "select count(*) from pg_stat_activity where pid = %d and state = '%s'".formatted(pid, state));
    }

    private int ownPid() {
        return clients.query("select pid from pg_stat_activity where application_name = 'crablet-watch' and datname = '"
                + database.name() + "'");
    }

    private void watchAsSuperuser() {
        probe.close();
        probe = watchAs(
                new DatabaseAddress(database.jdbcUrl(), database.username(), database.password(), new Properties()));
    }

    private static DatabaseProbe watchAs(ConnectionSource source) {
        return watchAs(source, SETTINGS);
    }

    private static DatabaseProbe watchAs(ConnectionSource source, ProbeSettings settings) {
        DatabaseProbe probe = new DatabaseProbe("test", source, settings, InstantSource.system());
        probe.start();
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        return probe;
    }
}
