package io.crablet.sample.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.sample.monitor.Monitor.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** How the monitor gets at a server, and what it says where it may not look. */
@Tag("monitor")
class AccessTests {

    private static final String DATABASE = "shop";

    @RegisterExtension
    static final Sessions sessions = new Sessions(
            builder -> builder,
            "create role app login",
            "create role stranger login",
            "create role auditor login in role pg_read_all_stats",
            "create role locked login password 'secret'",
            "create database shop owner app",
            "create database other owner app");

    private final Monitor monitor = Monitor.at(sessions.url(DATABASE), "app");

    @BeforeAll
    static void askForAPassword() throws IOException, SQLException {
        Path access;
        try (Connection admin = DriverManager.getConnection(sessions.url("postgres") + "?user=" + Sessions.SUPERUSER);
                Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery("show hba_file")) {
            row.next();
            access = Path.of(row.getString(1));
        }
        Files.writeString(access, "host all locked all scram-sha-256\n" + Files.readString(access));
        sessions.administer("select pg_reload_conf()");
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

    /** Of these the server itself does not know the state, so that no right helps. */
    @Test
    void sessionsThatDoNotTellTheirStateAreNotTakenForWell() throws SQLException {
        sessions.administer("create role silent login", "alter role silent set track_activities = off");
        for (int i = 0; i < 5; i++) {
            sessions.idleInTransaction(DATABASE, "silent", "silent");
        }
        Monitor auditor = monitor.with("DB_USER", "auditor");

        Output unknown = auditor.run("--once");

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("5 of 6 sessions may be in any state: track_activities is off there");
        assertThat(unknown.out()).contains("5 disabled ?").doesNotContain("exhausted");
        assertThat(auditor.run("--once", "--allow-hidden").exitCode()).isZero();
        Output ended = monitor.with("DB_USER", Sessions.SUPERUSER)
                .run("terminate-idle-in-transaction", "--older-than", "1s", "--yes");
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.out()).contains("5 more sessions may be idle in transaction too");
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
                .with("PGPORT", Integer.toString(sessions.port()))
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
}
