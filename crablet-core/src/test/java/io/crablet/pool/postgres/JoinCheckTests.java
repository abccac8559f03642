package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.ServerSnapshot;
import io.crablet.test.PostgresExtension;
import io.crablet.test.PostgresServer;
import io.crablet.test.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

@ExtendWith(PostgresExtension.class)
class JoinCheckTests {

    private static final ProbeSettings SETTINGS = new ProbeSettings(
            Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30));

    private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

    private static final SessionIdentity WATCH = new SessionIdentity(7, 7, STARTED, "app", 10);

    private final TestDatabase database;

    private final AtomicInteger opened = new AtomicInteger();

    private volatile Duration passed = Duration.ZERO;

    private DatabaseProbe probe;

    JoinCheckTests(TestDatabase database) {
        this.database = database;
    }

    @AfterEach
    void stop() {
        if (probe != null) {
            probe.close();
        }
    }

    @Test
    void aPoolerInBetweenIsNoticedByTheProcessItsDriverKnows() {
        assertThat(new SessionIdentity(4711, 12, STARTED, "app", 10).whyNotJoinable(WATCH))
                .isEqualTo("There is a pooler such as PgBouncer between the pool and the server: the driver takes a "
                        + "connection for process 4711, the server says 12.");
    }

    @Test
    void anotherServerIsNoticedByWhenItStarted() {
        assertThat(new SessionIdentity(8, 8, STARTED.plusNanos(1_000), "app", 10).whyNotJoinable(WATCH))
                .contains("another server");
        assertThat(new SessionIdentity(8, 8, STARTED, "app", 10).whyNotJoinable(WATCH))
                .isNull();
    }

    @Test
    void aDriverThatDoesNotTellTheProcessIsNoticed() {
        assertThat(new SessionIdentity(0, 8, STARTED, "app", 10).whyNotJoinable(WATCH))
                .isEqualTo("The driver does not tell the server's process of a connection.");
    }

    @Test
    void severalHostsOfWhichAnyMayBeTakenAreNotJoined() {
        String host = database.server().host() + ":" + database.server().port();
        String url = "jdbc:postgresql://%s,%s/%s".formatted(host, host, database.name());

        watchAlone(url + "?loadBalanceHosts=true");
        assertThat(snapshot().joinable()).isFalse();
        assertThat(snapshot().whyNotJoinable())
                .isEqualTo(
                        "The pool's address %s,%s/%s names several servers, and its connections may be on another one"
                                        .formatted(host, host, database.name())
                                + " than the watch's. Add targetServerType=primary if they should all be on the primary.");
        probe.close();

        watchAlone(url + "?targetServerType=primary");
        assertThat(snapshot().joinable()).isTrue();
    }

    private void watchAlone(String url) {
        probe = new DatabaseProbe(
                "test",
                new DatabaseAddress(url, database.username(), database.password(), new Properties()),
                SETTINGS,
                Instant::now);
        probe.start();
    }

    @Test
    void anAddressOfItsOwnIsComparedWithThePoolsOnce() {
        watch(counted(address(database.name())));

        ServerSnapshot server = await().until(this::snapshot, ServerSnapshot::joinable);
        assertThat(server.whyNotJoinable()).isNull();
        await().during(Duration.ofMillis(300)).until(() -> opened.get() == 1);
    }

    @Test
    void anAddressOfItsOwnInAnotherDatabaseIsNoticed() {
        try (TestDatabase elsewhere = PostgresServer.shared().createDatabase()) {
            watch(address(elsewhere.name()));

            await().untilAsserted(() -> {
                assertThat(snapshot().joinable()).isFalse();
                assertThat(snapshot().whyNotJoinable())
                        .isEqualTo(
                                "The watch's own address is the database '%s', the pool's is '%s'. Name the pool's in "
                                                .formatted(database.name(), elsewhere.name())
                                        + "crablet.pool.server.url.");
            });
        }
    }

    @Test
    void itIsComparedAgainEveryFiveMinutes() {
        watch(counted(address(database.name())));
        await().until(() -> snapshot().joinable());

        passed = Duration.ofMinutes(4);
        await().during(Duration.ofMillis(300)).until(() -> opened.get() == 1);
        passed = Duration.ofMinutes(5);
        await().until(() -> opened.get() == 2);
        assertThat(snapshot().joinable()).isTrue();
    }

    @Test
    void aNewSideConnectionIsComparedAgain() {
        watch(counted(address(database.name())));
        await().until(() -> snapshot().joinable());
        try (TestClients clients = new TestClients(database)) {
            clients.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crablet-watch'");
        }

        await().until(() -> opened.get() == 2);
        await().until(() -> snapshot().joinable());
    }

    @Test
    void aPoolsAddressThatRefusesIsTriedAgainAndWhatWasKnownIsKept() {
        ConnectionSource pool = address(database.name());
        watch(counted(timeLimit -> {
            if (opened.get() == 1 || opened.get() == 3) {
                throw new SQLException("on purpose", "53300");
            }
            return pool.open(timeLimit);
        }));
        await().untilAsserted(() -> assertThat(snapshot().whyNotJoinable())
                .isEqualTo("A connection to the pool's own address could not be compared: the server has no free "
                        + "connection, SQLState 53300."));

        passed = Duration.ofSeconds(30);
        await().until(() -> snapshot().joinable());
        passed = Duration.ofMinutes(6);
        await().until(() -> opened.get() == 3);
        await().during(Duration.ofMillis(300)).until(() -> snapshot().joinable());
    }

    @Test
    void aPoolsAddressThatNeverAnswersHoldsNoRoundUp() {
        CountDownLatch never = new CountDownLatch(1);
        watch(counted(timeLimit -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new SQLException("on purpose");
        }));
        Instant first = snapshot().takenAt();

        await().until(() -> snapshot().takenAt().isAfter(first));
        assertThat(snapshot().whyNotJoinable())
                .isEqualTo("A connection to the pool's own address is about to be compared.");
        assertThat(opened).hasValue(1);
        never.countDown();
    }

    @Test
    void theProcessOfAConnectionIsTheServers() throws SQLException {
        try (var connection = database.dataSource().getConnection()) {
            SessionIdentity identity = SessionIdentity.of(connection, 1);

            assertThat(identity.driverPid())
                    .isEqualTo(identity.serverPid())
                    .isEqualTo(connection.unwrap(PGConnection.class).getBackendPID());
            assertThat(identity.database()).isEqualTo(database.name());
        }
    }

    private ServerSnapshot snapshot() {
        return ((Answered) probe.answer()).server();
    }

    private void watch(ConnectionSource poolAddress) {
        probe = new DatabaseProbe(
                "test",
                address(database.name()),
                poolAddress,
                SETTINGS,
                () -> Instant.now().plus(passed));
        probe.start();
    }

    private ConnectionSource counted(ConnectionSource source) {
        return timeLimit -> {
            opened.incrementAndGet();
            return source.open(timeLimit);
        };
    }

    private DatabaseAddress address(String databaseName) {
        return new DatabaseAddress(
                database.server().jdbcUrl(databaseName), database.username(), database.password(), new Properties());
    }
}
