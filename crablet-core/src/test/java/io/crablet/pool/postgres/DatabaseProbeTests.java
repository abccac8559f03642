package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.crablet.TcpForwarder;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseAnswer.NotAsked;
import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.ServerSessions;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(PostgresExtension.class)
class DatabaseProbeTests {

    private static final ProbeSettings SETTINGS = new ProbeSettings(
            Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofMillis(300), Duration.ofMillis(300));

    private static final ProbeSettings RARE = new ProbeSettings(
            Duration.ofMinutes(1), SETTINGS.timeLimit(), SETTINGS.longQuery(), SETTINGS.idleInTransaction());

    /** For where nobody ever answers. */
    private static final ProbeSettings IMPATIENT = new ProbeSettings(
            SETTINGS.interval(), Duration.ofSeconds(1), SETTINGS.longQuery(), SETTINGS.idleInTransaction());

    private static final ProbeSettings RARE_AND_IMPATIENT = new ProbeSettings(
            RARE.interval(), IMPATIENT.timeLimit(), SETTINGS.longQuery(), SETTINGS.idleInTransaction());

    private static final Duration ROOM_FOR_A_BUSY_MACHINE = Duration.ofSeconds(8);

    private final TestDatabase database;

    private final TcpForwarder network;

    private DatabaseProbe probe;

    DatabaseProbeTests(TestDatabase database) throws IOException {
        this.database = database;
        this.network =
                new TcpForwarder(database.server().host(), database.server().port());
        this.probe = probe(address(database.username(), database.password()));
    }

    @BeforeEach
    void start() {
        probe.start();
    }

    @AfterEach
    void stop() throws IOException {
        probe.close();
        network.close();
        await().until(() -> sideConnections() == 0);
    }

    @Test
    void theFirstAnswerIsWaitedFor() {
        assertThat(probe.answer()).isInstanceOfSatisfying(Answered.class, answer -> {
            assertThat(answer.product()).isEqualTo("PostgreSQL");
            assertThat(answer.version()).isNotEmpty();
            assertThat(answer.latency()).isBetween(Duration.ofNanos(1), SETTINGS.timeLimit());
        });
    }

    @Test
    void itAsksThroughOneConnectionThatItKeeps() throws SQLException {
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        int pid = sidePid();
        Answered first = (Answered) probe.answer();
        await().until(() ->
                probe.answer() instanceof Answered next && !next.latency().equals(first.latency()));

        assertThat(sidePid()).isEqualTo(pid);
        assertThat(sideConnections()).isEqualTo(1);
        assertThat(((Answered) probe.answer()).since()).isEqualTo(first.since());
    }

    @Test
    void aSideConnectionThatAnOperatorEndedIsReplacedAtOnce() throws SQLException {
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        Answered first = (Answered) probe.answer();
        int pid = sidePid();
        query("SELECT pg_terminate_backend(%d)::int".formatted(pid));

        await().until(() -> sideConnections() == 1 && sidePid() != pid);
        assertThat(((Answered) probe.answer()).since()).isEqualTo(first.since());
    }

    @Test
    void aRefusedConnectionIsAFailureUntilTheServerIsBack() throws IOException {
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        network.cut();
        await().until(() -> failure() == DatabaseFailure.CONNECTION);
        Failed first = (Failed) probe.answer();
        assertThat(first.sqlState()).startsWith("08");

        network.restore();
        await().until(() -> probe.answer() instanceof Answered);
        assertThat(((Answered) probe.answer()).since()).isAfter(first.since());
    }

    @Test
    void aNetworkThatSwallowsEverythingIsAFailureWithinTheTimeLimit() throws IOException {
        probe.close();
        probe = probe(IMPATIENT, address(database.username(), database.password()));
        probe.start();
        answered();
        network.silence();
        await().atMost(IMPATIENT.interval().plus(IMPATIENT.timeLimit()).plus(ROOM_FOR_A_BUSY_MACHINE))
                .until(() -> failure() == DatabaseFailure.TIMEOUT);
        // Also once the drivers' own time limits have passed, on a new connection.
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(10)).until(() -> failure() != null);

        network.restore();
        await().until(() -> probe.answer() instanceof Answered);
    }

    @Test
    void nobodyWaitsForASilentNetworkLongerThanTheTimeLimit() {
        network.silence();
        probe.close();
        probe = probe(IMPATIENT, address(database.username(), database.password()));
        probe.start();

        long start = System.nanoTime();
        assertThat(probe.answer())
                .isInstanceOfSatisfying(
                        Failed.class,
                        // The driver's own limit for a login, which is as long, may be the first: that is no
                        // connection.
                        failed ->
                                assertThat(failed.failure()).isIn(DatabaseFailure.TIMEOUT, DatabaseFailure.CONNECTION));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(IMPATIENT.timeLimit().plus(ROOM_FOR_A_BUSY_MACHINE));
        start = System.nanoTime();
        assertThat(probe.answer()).isInstanceOf(Failed.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(IMPATIENT.timeLimit());
    }

    @Test
    void aSourceThatNeverReturnsIsAFailureToo() {
        CountDownLatch never = new CountDownLatch(1);
        probe.close();
        probe = probe(IMPATIENT, timeLimit -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
            throw new SQLException();
        });
        probe.start();

        assertThat(probe.answer()).isInstanceOf(Failed.class);
    }

    @Test
    void aDriverThatThrowsSomethingElseIsAFailureToo() {
        probe.close();
        probe = probe(timeLimit -> {
            throw new IllegalStateException("on purpose");
        });
        probe.start();

        await().until(() -> failure() == DatabaseFailure.CONNECTION);
    }

    @Test
    void anErrorDoesNotEndTheProbe() {
        ConnectionSource server = address(database.username(), database.password());
        AtomicBoolean full = new AtomicBoolean(true);
        probe.close();
        probe = probe(timeLimit -> {
            if (full.get()) {
                throw new OutOfMemoryError("unable to create native thread, on purpose");
            }
            return server.open(timeLimit);
        });
        probe.start();
        await().until(() -> failure() == DatabaseFailure.OTHER);

        full.set(false);
        await().until(() -> probe.answer() instanceof Answered);
    }

    @Test
    void eachKindOfFailureAndItsEndAreLoggedOnce() {
        // A login that closing the probe interrupts would be logged too.
        answered();
        Logger logger = (Logger) LoggerFactory.getLogger(Round.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.list = new CopyOnWriteArrayList<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        AtomicReference<String> sqlState = new AtomicReference<>("28P01");
        ConnectionSource server = address(database.username(), database.password());
        AtomicInteger tries = new AtomicInteger();
        probe.close();
        probe = probe(timeLimit -> {
            tries.incrementAndGet();
            if (sqlState.get().isEmpty()) {
                return server.open(timeLimit);
            }
            throw new SQLException("on purpose", sqlState.get());
        });
        try {
            probe.start();
            await().until(() -> tries.get() > 2);
            sqlState.set("53300");
            await().until(() -> failure() == DatabaseFailure.NO_SLOT);
            sqlState.set("");
            await().until(() -> probe.answer() instanceof Answered);
            probe.close();
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }

        assertThat(log.list)
                .extracting(event -> event.getLevel() + " " + event.getFormattedMessage())
                .containsExactly(
                        "WARN The database of pool test does not answer the watch: the server refuses the login,"
                                + " SQLState 28P01. Check user and password, and pg_hba.conf.",
                        "WARN The database of pool test does not answer the watch: the server has no free connection,"
                                + " SQLState 53300. Lower the pools that use it, or raise its max_connections.",
                        "INFO The database of pool test answers the watch again");
    }

    @Test
    void aRefusedLoginIsNotTriedMoreOftenThanTheInterval() {
        AtomicInteger tries = new AtomicInteger();
        probe.close();
        probe = new DatabaseProbe(
                "test",
                timeLimit -> {
                    tries.incrementAndGet();
                    throw new SQLException("on purpose", "28P01");
                },
                RARE,
                InstantSource.system());
        probe.start();

        await().until(() -> failure() == DatabaseFailure.LOGIN);
        await().during(Duration.ofSeconds(2)).until(() -> probe.refresh() instanceof Failed && tries.get() == 1);
    }

    @Test
    void aRoleThatDoesNotExistIsRefusedNotSilent() {
        probe.close();
        probe = probe(new DatabaseAddress(
                database.server().jdbcUrl("no_such_database"),
                database.username(),
                database.password(),
                new Properties()));
        probe.start();

        assertThat(probe.answer()).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.sqlState()).isEqualTo("3D000");
            assertThat(failed.failure().serverAnswered()).isTrue();
        });
    }

    @Test
    void itCountsTheServersSessions() throws SQLException {
        try (Connection idle = database.dataSource().getConnection();
                Statement statement = idle.createStatement()) {
            idle.setAutoCommit(false);
            statement.execute("CREATE TABLE locked (id int)");
            Thread blocked = new Thread(() -> query("SELECT 1 FROM pg_advisory_lock(1)"));
            statement.execute("SELECT pg_advisory_lock(1)");
            blocked.setDaemon(true);
            blocked.start();

            await().untilAsserted(() -> assertThat(answered().server().counts()).satisfies(sessions -> {
                assertThat(sessions.maxConnections()).isEqualTo(300);
                assertThat(sessions.connections()).isGreaterThanOrEqualTo(3);
                assertThat(sessions.idleInTransaction()).isEqualTo(1);
                assertThat(sessions.longRunning()).isEqualTo(1);
                assertThat(sessions.blocked()).isEqualTo(1);
                assertThat(sessions.hidden()).isZero();
            }));
        }
    }

    @Test
    void aRoleWithoutRightsCountsTheSessionsOfOthersAndSaysThatItCannotSeeThem() throws SQLException {
        execute("CREATE ROLE watcher LOGIN PASSWORD 'secret'");
        try (Connection other = database.dataSource().getConnection()) {
            probe.close();
            probe = probe(address("watcher", "secret"));
            probe.start();

            assertThat(other.isValid(10)).isTrue();
            assertThat(probe.answer())
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answer -> assertThat(answer.server().counts()).satisfies(sessions -> {
                                assertThat(sessions.connections()).isGreaterThanOrEqualTo(2);
                                assertThat(sessions.hidden()).isPositive().isLessThan(sessions.connections());
                            }));
        } finally {
            probe.close();
            execute("DROP ROLE watcher");
        }
    }

    @Test
    void aRoleThatMaySeeNothingStillGetsAnAnswer() throws SQLException {
        execute("CREATE ROLE blind LOGIN PASSWORD 'secret'");
        execute("REVOKE SELECT ON pg_stat_activity FROM public");
        try {
            probe.close();
            probe = probe(address("blind", "secret"));
            probe.start();

            assertThat(probe.answer())
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answer -> assertThat(answer.server()).isNull());
        } finally {
            probe.close();
            execute("GRANT SELECT ON pg_stat_activity TO public");
            execute("DROP ROLE blind");
        }
    }

    @Test
    void whereOnlyTheListOfSessionsTakesTooLongTheLastOneCountsForSomeTime() throws SQLException {
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
        String view = "CREATE OR REPLACE VIEW slow.pg_stat_activity AS SELECT s.* FROM pg_catalog.pg_stat_activity s";
        execute("CREATE ROLE patient LOGIN PASSWORD 'secret'");
        execute("ALTER ROLE patient SET search_path = slow, pg_catalog");
        execute("CREATE SCHEMA slow");
        execute(view);
        execute("GRANT USAGE ON SCHEMA slow TO patient");
        execute("GRANT SELECT ON slow.pg_stat_activity TO patient");
        try {
            probe.close();
            probe = new DatabaseProbe(
                    "test",
                    address("patient", "secret"),
                    new ProbeSettings(
                            SETTINGS.interval(),
                            Duration.ofSeconds(3),
                            SETTINGS.longQuery(),
                            SETTINGS.idleInTransaction()),
                    () -> Instant.now().plus(ahead.get()));
            probe.start();
            assertThat(probe.answer()).isInstanceOf(Answered.class);
            int pid = sidePid();
            execute(view + ", pg_sleep(30)");

            await().until(() -> takenAt(answered()).isBefore(Instant.now().minusSeconds(1)));
            Instant kept = takenAt(probe.answer());
            await().during(Duration.ofSeconds(3))
                    .until(() -> takenAt(answered()).equals(kept));
            assertThat(sidePid()).isEqualTo(pid);
            ahead.set(Duration.ofSeconds(15));
            await().until(() -> probe.answer() instanceof Answered answered && answered.server() == null);

            execute(view);
            await().until(() -> probe.answer() instanceof Answered answered && answered.server() != null);
        } finally {
            probe.close();
            execute("DROP SCHEMA slow CASCADE");
            execute("DROP ROLE patient");
        }
    }

    @Test
    void answersThatAreMissedInARowAreCounted() throws IOException {
        probe.close();
        // A missed answer stands for a second then, long enough to be seen.
        probe = new DatabaseProbe(
                "test", address(database.username(), database.password()), RARE, InstantSource.system());
        probe.start();
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        network.cut();
        await().until(() -> probe.refresh() instanceof Failed failed && failed.missed() == 1);
        await().until(() -> probe.refresh() instanceof Failed failed && failed.missed() >= 3);
        network.restore();
        await().until(() -> probe.refresh() instanceof Answered);
        network.cut();
        await().until(() -> probe.refresh() instanceof Failed failed && failed.missed() == 1);
    }

    @Test
    void aFreshAnswerComesAtOnceAndNoMoreOftenThanEverySecond() {
        probe.close();
        probe = new DatabaseProbe(
                "test", address(database.username(), database.password()), RARE, InstantSource.system());
        probe.start();
        answered();
        awaitThatTheAnswerIsNotFresh();

        Instant called = Instant.now();
        Instant second = takenAt(probe.refresh());
        assertThat(second).isAfterOrEqualTo(called);
        assertThat(takenAt(probe.answer())).isEqualTo(second);
        assertThat(takenAt(probe.refresh())).isEqualTo(second);
        await().until(() ->
                probe.refresh() instanceof Answered next && takenAt(next).isAfter(second));
        assertThat(takenAt(probe.refresh())).isAfterOrEqualTo(second.plusSeconds(1));
    }

    @Test
    void allWhoWantAFreshAnswerGetTheSameOne() throws Exception {
        probe.close();
        probe = new DatabaseProbe(
                "test", address(database.username(), database.password()), RARE, InstantSource.system());
        probe.start();
        Instant first = takenAt(probe.answer());
        awaitThatTheAnswerIsNotFresh();

        ExecutorService callers = Executors.newFixedThreadPool(50);
        try {
            List<Callable<Instant>> calls = Collections.nCopies(50, () -> takenAt(probe.refresh()));
            Set<Instant> seen = new HashSet<>();
            for (Future<Instant> call : callers.invokeAll(calls)) {
                seen.add(call.get());
            }
            assertThat(seen).singleElement().isNotEqualTo(first);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void nobodyWaitsForAFreshAnswerOfASilentNetworkLongerThanTheTimeLimit() {
        probe.close();
        probe = probe(RARE_AND_IMPATIENT, address(database.username(), database.password()));
        probe.start();
        answered();
        network.silence();
        awaitThatTheAnswerIsNotFresh();

        long start = System.nanoTime();
        assertThat(probe.refresh()).isInstanceOf(Failed.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(RARE_AND_IMPATIENT.timeLimit().plus(ROOM_FOR_A_BUSY_MACHINE));
        start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertThat(probe.refresh()).isInstanceOf(Failed.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(RARE_AND_IMPATIENT.timeLimit());
    }

    @Test
    void aClockThatIsSetBackDoesNotDelayAFreshAnswer() {
        AtomicReference<Duration> wrong = new AtomicReference<>(Duration.ZERO);
        InstantSource clock = () -> Instant.now().plus(wrong.get());
        probe.close();
        probe = new DatabaseProbe("test", address(database.username(), database.password()), RARE, clock);
        probe.start();
        Instant first = takenAt(probe.answer());
        wrong.set(Duration.ofHours(-1));
        await().until(() ->
                probe.refresh() instanceof Answered next && takenAt(next).isBefore(first));
    }

    @Test
    void itKeepsItsSlotWhileTheServerIsFull() throws SQLException {
        execute("CREATE ROLE crowd LOGIN PASSWORD 'secret'");
        probe.close();
        probe = probe(address("crowd", "secret"));
        probe.start();
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        List<Connection> crowd = new ArrayList<>();
        try {
            assertThatThrownBy(() -> {
                        while (true) {
                            crowd.add(DriverManager.getConnection(database.jdbcUrl(), "crowd", "secret"));
                        }
                    })
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            full -> assertThat(full.getSQLState()).isEqualTo("53300"));
            Instant full = Instant.now();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> takenAt(answered()).isAfter(full));
            ServerSessions counts = answered().server().counts();
            assertThat(counts.connections()).isGreaterThanOrEqualTo(crowd.size());
            assertThat(counts.maxConnections() - counts.connections()).isLessThan(10);
        } finally {
            for (Connection connection : crowd) {
                connection.abort(Runnable::run);
            }
            probe.close();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'crowd'") == 0);
            execute("DROP ROLE crowd");
        }
    }

    @Test
    void aStoppedProbeKnowsNothingAndCanBeStartedAgain() {
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        probe.close();
        assertThat(probe.answer()).isEqualTo(new NotAsked());
        await().until(() -> sideConnections() == 0);

        probe.start();
        assertThat(probe.answer()).isInstanceOf(Answered.class);
    }

    private static Instant takenAt(DatabaseAnswer answer) {
        return ((Answered) answer).server().takenAt();
    }

    private Answered answered() {
        return (Answered) await().until(probe::answer, Answered.class::isInstance);
    }

    /** An answer is fresh for a second, counted from its end. */
    private static void awaitThatTheAnswerIsNotFresh() {
        Instant answered = Instant.now();
        await().until(() -> Instant.now().isAfter(answered.plusMillis(1_100)));
    }

    private DatabaseFailure failure() {
        DatabaseAnswer answer = probe.answer();
        return answer instanceof Failed failed ? failed.failure() : null;
    }

    private DatabaseProbe probe(ConnectionSource source) {
        return probe(SETTINGS, source);
    }

    private static DatabaseProbe probe(ProbeSettings settings, ConnectionSource source) {
        return new DatabaseProbe("test", source, settings, InstantSource.system());
    }

    private DatabaseAddress address(String username, String password) {
        String url = "jdbc:postgresql://127.0.0.1:%d/%s?socketTimeout=60".formatted(network.port(), database.name());
        return new DatabaseAddress(url, username, password, new Properties());
    }

    private int sideConnections() {
        return query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crablet-watch'");
    }

    private int sidePid() {
        return query("SELECT max(pid) FROM pg_stat_activity WHERE application_name = 'crablet-watch'");
    }

    private int query(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
