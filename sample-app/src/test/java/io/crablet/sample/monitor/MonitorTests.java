package io.crablet.sample.monitor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.sample.monitor.Monitor.Output;
import io.crablet.sample.monitor.Monitor.Terminal;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** How the monitor looks at a server, who may look, and what it prints of names that are not meant well. */
@Tag("monitor")
class MonitorTests {

    private static final String DATABASE = "shop";

    /** What a name can hold that harms a terminal, a line, a shell, psql, a format or the reader's eye. */
    private static final String HOSTILE =
            "a\u001b[31m\u009b2J\r\n\t\u202eb'\"\\ %s%n $(touch /tmp/x) `id` |é:日本\u200b\u0007";

    private static final String HARMLESS = "a?[31m?2J????b'\"\\ %s%n $(touch /tmp/x) `id` |é:日本??";

    @TempDir
    static Path folder;

    private static EmbeddedPostgres server;

    private final Sessions sessions = new Sessions(server);

    private final Monitor monitor = Monitor.at(sessions.url(DATABASE), "app");

    @BeforeAll
    static void startTheServer() throws IOException, SQLException {
        server = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setServerConfig("max_connections", "330")
                .setServerConfig("max_prepared_transactions", "5")
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .start();
        new Sessions(server)
                .administer(
                        "create role app login",
                        "create role stranger login",
                        "create role auditor login in role pg_read_all_stats",
                        "create role locked login password 'secret'",
                        "create role few login connection limit 4",
                        "create role \"" + HOSTILE.replace("\"", "\"\"") + "\" login",
                        "create database shop owner app",
                        "create database other owner app");
        Path access = folder.resolve("data").resolve("pg_hba.conf");
        String rules = Files.readString(access);
        Files.writeString(access, "host all locked all scram-sha-256\n" + rules, StandardOpenOption.TRUNCATE_EXISTING);
        new Sessions(server).administer("select pg_reload_conf()");
    }

    @AfterAll
    static void stopTheServer() throws IOException {
        server.close();
    }

    @AfterEach
    void endTheSessions() throws SQLException {
        sessions.close();
    }

    @Test
    void aQuietServerIsWellInEveryForm() {
        Output screen = monitor.run("--once");
        assertThat(screen.exitCode()).as(screen.err()).isZero();
        assertThat(screen.out()).contains("\nOK ", "(max_connections 330 - 3 reserved)", "crablet-monitor");
        assertThat(screen.out()).doesNotContain("\u001b");
        assertThat(screen.err()).isEmpty();

        Output nagios = monitor.run("--nagios");
        assertThat(nagios.exitCode()).isZero();
        assertThat(nagios.out())
                .matches("CRABLET OK - \\d+ of 327 connections in use \\| usage=0%;80;95;0;100 connections=\\d+;;;0;327"
                        + " blocked=0;;;0 idle_in_transaction=0;;;0 long_running=0;;;0 hidden=0;;;0\n");

        JsonNode json = monitor.run("--once", "--json").json();
        assertThat(json.get("status").asString()).isEqualTo("ok");
        assertThat(json.get("server").get("user").asString()).isEqualTo("app");
        assertThat(json.get("takenAt").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");

        assertThat(monitor.run("--once", "--quiet").out()).isEmpty();
        assertThat(monitor.run("--nagios", "--quiet").out()).isEmpty();
    }

    @Test
    void itLooksWithoutWritingAndSaysWhoItIs() throws Exception {
        try (Terminal terminal = monitor.onTerminal()) {
            await().until(() -> terminal.screen().contains("Connections:"));
            try (Connection look = sessions.open(DATABASE, "app", "look");
                    var row = look.createStatement()
                            .executeQuery("select state, backend_xid is null from pg_stat_activity"
                                    + " where application_name = 'crablet-monitor'")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).isEqualTo("idle");
                assertThat(row.getBoolean(2)).isTrue();
                assertThat(row.next()).isFalse();
            }
            terminal.type("q");
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(terminal.screen()).contains("\u001b[?1049h").endsWith("\u001b[?25h\u001b[?1049l");
        }
    }

    @Test
    void coloursAreForTerminalsThatWantThem() throws Exception {
        sessions.idleInTransaction(DATABASE, "app", "idler");
        try (Terminal terminal = monitor.onTerminal("--once", "--idle-in-transaction", "1ms/2ms")) {
            assertThat(terminal.awaitEnd()).isEqualTo(2);
            assertThat(terminal.screen()).contains("\u001b[1;31mCRITICAL");
        }
        for (Monitor plain : List.of(monitor.with("NO_COLOR", "1"), monitor.with("TERM", "dumb"))) {
            try (Terminal terminal = plain.onTerminal("--once", "--idle-in-transaction", "1ms/2ms")) {
                assertThat(terminal.awaitEnd()).isEqualTo(2);
                assertThat(terminal.screen()).contains("CRITICAL").doesNotContain("\u001b");
            }
        }
    }

    @Test
    void noLineIsWiderThanTheTerminal() throws Exception {
        sessions.idleInTransaction(DATABASE, HOSTILE, "x".repeat(60));
        try (Terminal terminal = monitor.with("NO_COLOR", "1")
                .with("DB_USER", "auditor")
                .onTerminal("--once", "--idle-in-transaction", "1ms")) {
            assertThat(terminal.awaitEnd()).isEqualTo(1);
            assertThat(terminal.screen()).contains("…");
            assertThat(terminal.screen().lines()).allSatisfy(line -> {
                long wide = line.codePoints()
                        .filter(character -> character == '日' || character == '本')
                        .count();
                assertThat(line.length() + wide).as(line).isLessThanOrEqualTo(100);
            });
        }
    }

    @Test
    void hostileNamesAndQueriesHarmNothing() throws Exception {
        Connection idle = sessions.idleInTransaction(DATABASE, HOSTILE, "app\u001b[2J $(id) `id` '\"\\ %s |");
        Sessions.execute(idle, "select 'secret-literal', '\u001b[31m\r\n\t\u202e%s$(id)'");
        Sessions.execute(idle, "create temp table \"\u001b]0;x\u0007\" ()");
        String[] options = {"--once", "--idle-in-transaction", "1ms", "--warn-usage", "1", "--crit-usage", "99"};

        Output screen = monitor.with("DB_USER", "auditor").run(options);
        assertThat(screen.exitCode()).as(screen.err()).isEqualTo(1);
        assertThat(screen.out().replace("\n", "")).matches("\\P{C}*");
        assertThat(screen.out()).contains("a?[31m?2J??").doesNotContain("secret-literal", "\u202e");

        JsonNode json = monitor.with("DB_USER", "auditor")
                .run("--once", "--json", "--idle-in-transaction", "1ms")
                .json();
        JsonNode session = json.get("idleInTransaction").get(0);
        assertThat(session.get("user").asString()).isEqualTo(HARMLESS);
        assertThat(session.get("command").asString()).isEqualTo("CREATE");
        assertThat(json.toString()).doesNotContain("secret-literal");

        Output ascii = monitor.with("DB_USER", "auditor").with("LC_ALL", "C").run(options);
        assertThat(ascii.out()).matches("[ -~\n]*").contains("a?[31m?2J??");

        Output nagios = monitor.with("DB_USER", "auditor").run("--nagios", "--idle-in-transaction", "1ms");
        assertThat(nagios.out()).containsOnlyOnce("|");

        Output dryRun = monitor.with("DB_USER", HOSTILE).run("disconnect-all", "--dry-run");
        assertThat(dryRun.exitCode()).as(dryRun.err()).isZero();
        assertThat(dryRun.out().replace("\n", "")).matches("\\P{C}*").contains("a?[31m?2J??");
        assertThat(Path.of("/tmp/x")).doesNotExist();
    }

    @Test
    void aRoleThatMayNotLookSaysWhichGrantHelps() throws SQLException {
        sessions.idleInTransaction(DATABASE, "app", "app");

        Output unknown = monitor.with("DB_USER", "stranger").run("--once", "--idle-in-transaction", "1ms");

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err())
                .contains("1 of 2 sessions are hidden from role stranger", "GRANT pg_read_all_stats TO stranger");
        assertThat(unknown.out()).contains("UNKNOWN", "1 hidden ?");
        Output nagios = monitor.with("DB_USER", "stranger").run("--nagios");
        assertThat(nagios.exitCode()).isEqualTo(3);
        assertThat(nagios.out()).startsWith("CRABLET UNKNOWN - 1 of 2 sessions are hidden");
        assertThat(monitor.with("DB_USER", "stranger")
                        .run("--once", "--allow-hidden")
                        .exitCode())
                .isZero();
        assertThat(monitor.with("DB_USER", "auditor")
                        .run("--once", "--idle-in-transaction", "1ms")
                        .exitCode())
                .isEqualTo(1);
    }

    @Test
    void aViewThatIsForbiddenIsUnknownAndSaysSo() throws SQLException {
        Connection admin = sessions.open(DATABASE, Sessions.SUPERUSER, "admin");
        Sessions.execute(admin, "revoke select on pg_stat_activity from public");
        try {
            Output unknown = monitor.run("--once");
            assertThat(unknown.exitCode()).isEqualTo(3);
            assertThat(unknown.err()).contains("the server refuses: ", "pg_stat_activity", "GRANT pg_monitor");
            assertThat(unknown.out()).isEmpty();
        } finally {
            Sessions.execute(admin, "grant select on pg_stat_activity to public");
        }
    }

    @Test
    void aWrongPasswordIsSaidAndNotShown() {
        Monitor locked = monitor.with("DB_USER", "locked");

        Output wrong = locked.with("PGPASSWORD", "not-the-password").run("--once");
        assertThat(wrong.exitCode()).isEqualTo(3);
        assertThat(wrong.err()).contains("password authentication failed").doesNotContain("not-the-password");
        Output none = locked.with("PGPASSFILE", "/dev/null").run("--once");
        assertThat(none.exitCode()).isEqualTo(3);
        assertThat(none.err()).contains("password");
        assertThat(locked.with("PGPASSWORD", "secret")
                        .run("--once", "--allow-hidden")
                        .exitCode())
                .isZero();
    }

    @Test
    void whatIsNotSetIsTakenFromLibpq(@TempDir Path home) throws IOException {
        Path passwords = home.resolve("pgpass");
        Files.writeString(passwords, "*:*:*:locked:secret\n");
        assertThat(passwords.toFile().setReadable(false, false)).isTrue();
        assertThat(passwords.toFile().setReadable(true, true)).isTrue();
        Monitor libpq = monitor.with("DB_HOST", "")
                .with("DB_PORT", "")
                .with("DB_NAME", "")
                .with("DB_USER", "")
                .with("PGHOST", "localhost")
                .with("PGPORT", Integer.toString(server.getPort()))
                .with("PGDATABASE", "other")
                .with("PGUSER", "locked")
                .with("PGPASSFILE", passwords.toString());

        JsonNode json = libpq.run("--once", "--json").json();

        assertThat(json.get("server").get("database").asString()).isEqualTo("other");
        assertThat(json.get("server").get("user").asString()).isEqualTo("locked");
    }

    /** Also not by way of a database's name, in which libpq would look for more. */
    @Test
    void nothingOfTheAddressIsOnACommandLine(@TempDir Path path) throws IOException {
        Path psql = path.resolve("psql");
        Files.writeString(
                psql, "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + path + "/arguments'\nexec /usr/bin/psql \"$@\"\n");
        assertThat(psql.toFile().setExecutable(true)).isTrue();

        Output unknown = monitor.with("PATH", path + ":" + System.getenv("PATH"))
                .with("PGPASSWORD", "hidden-password")
                .with("DB_NAME", "dbname=shop password=hidden-password")
                .run("--once");

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("does not exist");
        assertThat(path.resolve("arguments")).content().doesNotContain("hidden-password", "shop", "app ");
    }

    @Test
    void usageIsComparedWithTheThresholds() throws SQLException {
        for (int i = 0; i < 3; i++) {
            sessions.open(DATABASE, "few", "few");
        }
        Monitor auditor = monitor.with("DB_USER", "auditor");

        Output warning = auditor.run("--nagios", "--warn-usage", "75", "--crit-usage", "76");
        assertThat(warning.exitCode()).isEqualTo(1);
        assertThat(warning.out())
                .startsWith("CRABLET WARNING - 3 of the 4 connections that role few may have are in use, 75 % | ");
        assertThat(auditor.run("--once", "--warn-usage", "74", "--crit-usage", "75")
                        .exitCode())
                .isEqualTo(2);
        assertThat(auditor.run("--once", "--warn-usage", "76").exitCode()).isZero();
        assertThat(auditor.run("--once").out()).contains("connection limit of role few: 3 of 4, 75 %");
    }

    @Test
    void threeHundredSessionsAreCountedAndSomeAreListed() throws SQLException {
        for (int i = 0; i < 300; i++) {
            sessions.idleInTransaction(DATABASE, "app", "crowd");
        }

        Output screen = monitor.run("--once", "--idle-in-transaction", "1ms", "--rows", "5");
        assertThat(screen.exitCode()).isEqualTo(1);
        assertThat(screen.out()).contains("Idle in transaction for more than 1ms: 300\n", "  and 295 more\n");
        assertThat(screen.out()).contains("92 %");
        assertThat(monitor.run("--once", "--json", "--idle-in-transaction", "1ms")
                        .json()
                        .get("idleInTransaction"))
                .hasSize(100);
    }

    @Test
    void itKeepsItsConnectionWhenAllOthersAreTaken() throws Exception {
        Monitor few = monitor.with("DB_USER", "few");
        try (Terminal terminal = few.onTerminal("--interval", "1s", "--allow-hidden")) {
            await().until(() -> terminal.screen().contains("Connections:"));
            for (int i = 0; i < 3; i++) {
                sessions.open(DATABASE, "few", "few");
            }
            Output late = few.run("--once");
            assertThat(late.exitCode()).isEqualTo(3);
            assertThat(late.err()).contains("cannot ask the server: ", "few");
            await().until(() -> terminal.screen()
                    .contains("CRITICAL  4 of the 4 connections that role few may have are in use, 100 %"));
            terminal.type("q");
            assertThat(terminal.awaitEnd()).isZero();
        }
    }

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

    @Test
    void aServerThatGoesAndComesBackIsFoundAgain() throws Exception {
        try (Terminal terminal = monitor.onTerminal("--interval", "1s")) {
            await().until(() -> terminal.screen().contains("Connections:"));
            int before = terminal.screen().length();
            sessions.administer("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where application_name = 'crablet-monitor'");
            await().atMost(10, SECONDS)
                    .until(() -> terminal.screen().substring(before).contains("Trying again every 1s."));
            int failed = terminal.screen().length();
            await().atMost(10, SECONDS)
                    .until(() -> terminal.screen().substring(failed).contains("Connections:"));
            terminal.type("q");
            assertThat(terminal.awaitEnd()).isZero();
        }
    }

    @Test
    void anInterruptLeavesTheTerminalAsItWas() throws Exception {
        try (Terminal terminal = monitor.onTerminal()) {
            await().until(() -> terminal.screen().contains("Connections:"));
            terminal.type("\u0003");
            assertThat(terminal.awaitEnd()).isEqualTo(130);
            assertThat(terminal.screen()).endsWith("\u001b[?25h\u001b[?1049l");
        }
    }
}
