package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.TopStatement;
import io.crablet.pool.TopStatements;
import io.crablet.pool.postgres.TestClients.Client;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class TopStatementsTests {

    private static final String SCHEMA = "\"Server's own\"";

    private static final Duration LONG = Duration.ofSeconds(30);

    private final TestDatabase database;

    private final TestClients clients;

    private final DatabaseAddress superuser;

    private @Nullable DatabaseProbe probe;

    private String app = "";

    TopStatementsTests(TestDatabase database) {
        this.database = database;
        this.clients = new TestClients(database);
        this.superuser =
                new DatabaseAddress(database.jdbcUrl(), database.username(), database.password(), new Properties());
    }

    @BeforeEach
    void makeRole() {
        app = clients.role("app");
        clients.execute("create schema " + SCHEMA);
        clients.execute("grant usage on schema " + SCHEMA + " to public");
    }

    @AfterEach
    void stop() {
        if (probe != null) {
            probe.close();
        }
        // First, as it ends the sessions of the roles: a question that still runs there has the view locked.
        clients.close();
        clients.execute("drop schema " + SCHEMA + " cascade");
    }

    @Test
    void theyAreThoseOfThePoolsRoleInThePoolsDatabase() {
        createExtension();
        clients.execute("grant pg_read_all_stats to " + app);
        Instant before = Instant.now().minusSeconds(60);
        run(clients.connect(app), "select pg_sleep(0.05), 'a secret'", 3);
        run(clients.connect(app), "select generate_series(1, 100)", 2);
        run(clients.connect(app, "postgres"), "select pg_sleep(0.4), 'elsewhere', 1", 1);
        run(clients.connect(clients.role("other")), "select pg_sleep(0.4), 'others', 1, 2", 1);
        watch(clients.address(app), null);

        await().untilAsserted(() -> {
            TopStatements answer = statements();
            assertThat(answer.hint()).isNull();
            assertThat(answer.since())
                    .isAfter(before.minus(Duration.ofHours(1)))
                    .isBefore(Instant.now());
            assertThat(answer.statements()).isNotEmpty();
            assertThat(answer.statements().get(0)).satisfies(top -> {
                assertThat(top.statement()).isEqualTo("select pg_sleep($1), $2");
                assertThat(Long.parseLong(top.queryId())).isNotZero();
                assertThat(top.calls()).isEqualTo(3);
                assertThat(top.rows()).isEqualTo(3);
                assertThat(top.total()).isBetween(Duration.ofMillis(150), Duration.ofSeconds(10));
                assertThat(top.max()).isBetween(top.mean(), top.total());
                assertThat(top.mean()).isCloseTo(top.total().dividedBy(3), Duration.ofMillis(1));
            });
            assertThat(texts()).anyMatch(text -> text.startsWith("select generate_series("));
        });
        assertThat(texts()).noneMatch(text -> text.startsWith("select pg_sleep($1), $2,"));
    }

    @Test
    void theWatchsOwnAreNotAmongThem() {
        createExtension();
        clients.connect(app).run("select 1 as one");
        watch(clients.address(app), null);

        await().until(() -> texts().contains("select $1 as one"));
        String recorded = "select count(*) from %s.pg_stat_statements where query like '%%crablet-watch%%'";
        await().until(() -> clients.query(recorded.formatted(SCHEMA)) >= 5);
        Instant seen = statements().takenAt();
        await().until(() -> statements().takenAt().isAfter(seen));
        assertThat(texts()).noneMatch(text -> text.contains("pg_stat") || text.contains("pg_postmaster"));
    }

    @Test
    void theyAreThePoolsAlsoWhereTheWatchHasAUserOfItsOwn() {
        createExtension();
        run(clients.connect(app), "select pg_sleep(0.05) as of_the_pool", 1);
        clients.execute("select pg_sleep(0.3), 'of the watch''s user'");
        watch(superuser, clients.address(app));

        await().until(() -> texts().contains("select pg_sleep($1) as of_the_pool"));
        assertThat(texts()).doesNotContain("select pg_sleep($1), $2");
    }

    @Test
    void literalsThatTheServerKeepsAreTakenOutAndLongOnesAreCut() {
        createExtension();
        Client client = clients.connect(app);
        watch(clients.address(app), null);
        // It has logged in, with the password that the role had.
        assertThat(statements()).isNotNull();
        client.run("alter role " + app + " password 'correct horse'");
        client.run("set app.tenant = acme");
        client.run("select " + "1 as a_column, ".repeat(100) + "2 as the_last");

        await().untilAsserted(() -> assertThat(texts())
                .anyMatch(text -> text.startsWith("alter role " + app + " password"))
                .anyMatch(text -> text.startsWith("set app.tenant"))
                .anyMatch(text -> text.startsWith("select $1 as a_column") && text.length() == 300));
        assertThat(texts()).noneMatch(text -> text.contains("correct") || text.contains("acme"));
    }

    @Test
    void thereAreTenAtMostThoseThatTookMostTimeFirst() {
        createExtension();
        Client client = clients.connect(app);
        IntStream.range(0, 30).forEach(i -> client.run("select 1" + ", 1".repeat(i)));
        client.run("select pg_sleep(0.1)");
        watch(clients.address(app), null);

        await().untilAsserted(() -> assertThat(statements().statements())
                .hasSize(TopStatements.MAX_LISTED)
                .isSortedAccordingTo(Comparator.comparing(TopStatement::total).reversed()));
        assertThat(texts().get(0)).isEqualTo("select pg_sleep($1)");
    }

    @Test
    void aStatementThatFunctionsCallTooIsOneRow() {
        clients.execute("alter role " + app + " set pg_stat_statements.track = 'all'");
        createExtension();
        clients.execute(
                "create function %s.nested() returns int language sql volatile as 'select count(*)::int from pg_class'"
                        .formatted(SCHEMA));
        Client client = clients.connect(app);
        run(client, "select count(*)::int from pg_class", 2);
        run(client, "select %s.nested()".formatted(SCHEMA), 3);
        watch(clients.address(app), null);

        await().untilAsserted(() -> assertThat(statements().statements())
                .filteredOn(top -> "select count(*)::int from pg_class".equals(top.statement()))
                .singleElement()
                .satisfies(top -> assertThat(top.calls()).isEqualTo(5)));
    }

    @Test
    void whatItTakesToSeeThemIsSaidStepByStep() {
        String watcher = clients.role("watcher");
        clients.execute("revoke usage on schema " + SCHEMA + " from public");
        watch(clients.address(watcher), clients.address(app));
        awaitHint("The server records statements, but database %s does not show them. Run CREATE EXTENSION"
                .formatted(database.name()));

        clients.execute("create extension pg_stat_statements schema %s version '1.7'".formatted(SCHEMA));
        awaitHint("The extension pg_stat_statements of database %s is older than version 1.8. Run ALTER EXTENSION"
                .formatted(database.name()));

        clients.execute("alter extension pg_stat_statements update to '1.8'");
        awaitHint("Role %1$s may not read %2$s.pg_stat_statements. Run GRANT USAGE ON SCHEMA %2$s TO %1$s and GRANT"
                .formatted(watcher, SCHEMA));

        clients.execute("grant usage on schema %s to %s".formatted(SCHEMA, watcher));
        awaitHint("Role %1$s is not shown the statements of the pool's role. Run GRANT pg_read_all_stats TO %1$s."
                .formatted(watcher));

        clients.execute("grant pg_read_all_stats to " + watcher);
        clients.connect(app).run("select 1 as seen");
        await().until(() -> texts().contains("select $1 as seen"));
        assertThat(statements().since()).isNull();

        clients.execute("alter extension pg_stat_statements update");
        await().until(() -> statements().since() != null);

        clients.execute("drop extension pg_stat_statements");
        awaitHint("The server records statements, but database");
    }

    @Test
    void aServerThatRecordsNothingIsNoticed() {
        createExtension();
        clients.execute("alter role " + app + " set pg_stat_statements.track = 'none'");
        watch(clients.address(app), null);
        awaitHint("The server records no statements. Set pg_stat_statements.track to top");
    }

    @Test
    void aServerThatHasNotLoadedTheLibraryIsNoticed() throws IOException {
        try (EmbeddedPostgres plain =
                EmbeddedPostgres.builder().setLocaleConfig("locale", "C").start()) {
            watch(new DataSourceCopy(plain.getPostgresDatabase(), null, null), null);
            awaitHint("The server does not record statements. Add pg_stat_statements to its shared_preload_libraries, "
                    + "restart it, and run CREATE EXTENSION pg_stat_statements in database postgres.");
            TestClients.execute(plain.getPostgresDatabase(), "create extension pg_stat_statements");
            awaitHint("The server does not record statements. Add pg_stat_statements to its shared_preload_libraries "
                    + "and restart it.");
            probe().close();
        }
    }

    @Test
    void aViewThatFailsDisturbsNothingElse() {
        createExtension();
        replaceView("1 / (r.calls - r.calls) > 0");
        clients.connect(app).run("select 1 as one");
        watch(clients.address(app), null);

        awaitHint("pg_stat_statements could not be read: the server answers with an error, SQLState 22012.");
        assertThatSessionsAreListedOnTheSameConnection(Duration.ofSeconds(1));
        assertThat(statements().statements()).isEmpty();
    }

    @Test
    void aViewThatTakesTooLongDisturbsNothingElseAndTheOldListIsKept() {
        createExtension();
        clients.connect(app).run("select 1 as one");
        watch(clients.address(app), null, Duration.ofMillis(100), Duration.ofSeconds(6));
        await().atMost(LONG).until(() -> texts().contains("select $1 as one"));

        replaceView("pg_sleep(30) is not null");
        await().atMost(LONG)
                .until(() -> statements()
                        .takenAt()
                        .isBefore(answer().server().takenAt().minusSeconds(1)));
        assertThatSessionsAreListedOnTheSameConnection(Duration.ofSeconds(3));
        assertThat(texts()).contains("select $1 as one");
    }

    @Test
    void withoutAnIntervalNobodyAsks() {
        createExtension();
        watch(clients.address(app), null, Duration.ZERO);
        Instant first = answer().server().takenAt();
        await().until(() -> answer().server().takenAt().isAfter(first.plusMillis(300)));
        assertThat(answer().statements()).isNull();
    }

    private void assertThatSessionsAreListedOnTheSameConnection(Duration howLong) {
        int pid = watchPid();
        Instant before = answer().server().takenAt();
        await().during(howLong).atMost(LONG).until(() -> probe().answer() instanceof Answered);
        await().atMost(LONG).until(() -> answer().server().takenAt().isAfter(before.plus(howLong)));
        assertThat(watchPid()).isEqualTo(pid);
    }

    private int watchPid() {
        return clients.query("select pid from pg_stat_activity where application_name = '%s' and datname = '%s'"
                .formatted(DatabaseProbe.APPLICATION_NAME, database.name()));
    }

    /** Puts another view in the place of the extension's. */
    private void replaceView(String condition) {
        String view = SCHEMA + ".pg_stat_statements";
        clients.execute("alter extension pg_stat_statements drop view " + view + ";"
                + "alter view " + view + " rename to recorded;"
                + "create view " + view + " as select r.* from " + SCHEMA + ".recorded r where " + condition + ";"
                + "grant select on " + view + " to public");
    }

    private void createExtension() {
        clients.execute("create extension pg_stat_statements schema " + SCHEMA);
        clients.query("select count(%s.pg_stat_statements_reset())".formatted(SCHEMA));
    }

    private static void run(Client client, String sql, int times) {
        IntStream.range(0, times).forEach(i -> client.run(sql));
    }

    private void awaitHint(String beginning) {
        await().untilAsserted(() -> assertThat(statements().hint()).startsWith(beginning));
    }

    private void watch(ConnectionSource source, @Nullable ConnectionSource pool) {
        watch(source, pool, Duration.ofMillis(100));
    }

    private void watch(ConnectionSource source, @Nullable ConnectionSource pool, Duration interval) {
        watch(source, pool, interval, Duration.ofSeconds(10));
    }

    private void watch(
            ConnectionSource source, @Nullable ConnectionSource pool, Duration interval, Duration timeLimit) {
        ProbeSettings settings = new ProbeSettings(
                Duration.ofMillis(50), timeLimit, Duration.ofSeconds(30), Duration.ofSeconds(30), interval);
        probe = new DatabaseProbe("test", source, pool, settings, InstantSource.system());
        probe.start();
    }

    private DatabaseProbe probe() {
        assertThat(probe).isNotNull();
        return probe;
    }

    private Answered answer() {
        return (Answered) probe().answer();
    }

    private TopStatements statements() {
        await().until(() -> answer().statements() != null);
        return answer().statements();
    }

    private List<String> texts() {
        return statements().statements().stream()
                .map(TopStatement::statement)
                .map(String::valueOf)
                .toList();
    }
}
