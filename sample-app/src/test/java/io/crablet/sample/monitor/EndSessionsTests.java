package io.crablet.sample.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.sample.monitor.Monitor.Output;
import io.crablet.sample.monitor.Monitor.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the monitor ends, and whom it never does. */
@Tag("monitor")
class EndSessionsTests {

    private static final String DATABASE = "shop";

    private static final String[] TERMINATE = {"terminate-idle-in-transaction", "--older-than", "1s"};

    private static final String[] TERMINATE_UNASKED = {"terminate-idle-in-transaction", "--older-than", "1s", "--yes"};

    @RegisterExtension
    static final Sessions sessions = new Sessions(
            builder -> builder,
            "create role app login",
            "create role stranger login",
            "create database shop owner app",
            "create database other owner app");

    private final Monitor monitor = Monitor.at(sessions.url(DATABASE), "app");

    private final Monitor administrator = monitor.with("DB_USER", Sessions.SUPERUSER);

    @Test
    void onlyWhatIsIdleInATransactionForSoLongIsTerminated() throws Exception {
        int idle = idle(DATABASE, "app", "forgetful");
        int second = idle(DATABASE, "stranger", "forgetful");
        int other = idle("other", "app", "forgetful");
        int superuser = idle(DATABASE, Sessions.SUPERUSER, "admin");
        int watch = idle(DATABASE, "app", "crablet-watch");
        int resting = Sessions.pid(sessions.open(DATABASE, "app", "resting"));
        awaitOlderThanASecond(superuser, watch, idle, second, other);
        int young = idle(DATABASE, "app", "young");

        Output done = administrator.run("terminate-idle-in-transaction", "--older-than=1s", "--yes");

        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        assertThat(done.out())
                .contains(idle + " terminated\n", second + " terminated\n")
                .containsPattern(superuser + " .* left alone: its role is a superuser\n")
                .containsPattern(watch + " .* left alone: it watches the server")
                .doesNotContain(Integer.toString(other), Integer.toString(resting), Integer.toString(young));
        assertThat(idle).satisfies(gone());
        assertThat(second).satisfies(gone());
        for (int pid : new int[] {other, superuser, watch, resting, young}) {
            assertThat(sessions.isThere(pid)).isTrue();
        }
    }

    @Test
    void disconnectAllLeavesOtherDatabasesSuperusersWatchesAndItselfAlone() throws Exception {
        int idle = idle(DATABASE, "app", "one");
        int resting = Sessions.pid(sessions.open(DATABASE, "stranger", "two"));
        int other = Sessions.pid(sessions.open("other", "app", "three"));
        int superuser = Sessions.pid(sessions.open(DATABASE, Sessions.SUPERUSER, "admin"));
        int watch = Sessions.pid(sessions.open(DATABASE, "app", "crablet-watch"));
        int monitoring = Sessions.pid(sessions.open(DATABASE, "app", "crablet-monitor"));

        Output done = administrator.run("disconnect-all", "--yes");

        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        assertThat(done.out().lines().filter(line -> line.endsWith(" terminated")))
                .containsExactlyInAnyOrder(idle + " terminated", resting + " terminated");
        for (int pid : new int[] {other, superuser, watch, monitoring}) {
            assertThat(sessions.isThere(pid)).isTrue();
        }
    }

    /** Were it to end its own session, it could not say what came of the others. */
    @Test
    void anOrdinaryRoleDoesNotEndItself() throws Exception {
        int one = Sessions.pid(sessions.open(DATABASE, "app", "one"));

        Output done = monitor.run("disconnect-all", "--yes");

        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        assertThat(done.out()).contains(one + " terminated");
        assertThat(done.out().lines().filter(line -> line.endsWith(" terminated")))
                .hasSize(1);
    }

    @Test
    void whereTheRightIsMissingThatIsSaid() throws Exception {
        int foreign = idle(DATABASE, "app", "foreign");
        int own = idle(DATABASE, "stranger", "own");
        awaitOlderThanASecond(foreign, own);
        Monitor stranger = monitor.with("DB_USER", "stranger");

        Output all = stranger.run("disconnect-all", "--yes");
        assertThat(all.exitCode()).isEqualTo(1);
        assertThat(all.out())
                .contains(own + " terminated")
                .containsPattern(foreign + " .* left alone: no right: needs pg_signal_backend and pg_read_all_stats");

        Output some = stranger.run(TERMINATE_UNASKED);
        assertThat(some.exitCode()).isEqualTo(1);
        assertThat(some.out()).contains("1 more session may be idle in transaction too", "There is no session to end.");
        assertThat(sessions.isThere(foreign)).isTrue();
    }

    @Test
    void aDryRunEndsWithTheCodeOfTheRun() throws Exception {
        int foreign = idle(DATABASE, "app", "foreign");
        Monitor stranger = monitor.with("DB_USER", "stranger");

        for (String option : List.of("--dry-run", "--yes")) {
            idle(DATABASE, "stranger", "own");
            assertThat(stranger.run("disconnect-all", option).exitCode())
                    .as(option)
                    .isEqualTo(1);
        }
        assertThat(sessions.isThere(foreign)).isTrue();
    }

    /** Without colours, and where the list is wider than the terminal. */
    @Test
    void theListSaysOfEachWhetherItIsToEnd() throws Exception {
        String name = "a-name-that-is-longer-than-its-column";
        int superuser = idle(DATABASE, Sessions.SUPERUSER, name);
        int idle = idle(DATABASE, "app", name);

        try (Terminal terminal = administrator.with("NO_COLOR", "1").onTerminal(40, 5, "disconnect-all", "--dry-run")) {
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(terminal.screen())
                    .containsPattern("\nend +%d .* %s +app +127.0.0.1\r\n".formatted(idle, name))
                    .containsPattern(
                            "\nleave +%d .* %s .* left alone: its role is a superuser\r\n".formatted(superuser, name));
        }
    }

    @Test
    void withoutATerminalItIsNotDoneUnlessToldTo() throws Exception {
        int idle = idle(DATABASE, "app", "idle");
        awaitOlderThanASecond(idle);

        Output refused = monitor.run(TERMINATE);
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("nothing was done", "--yes");
        assertThat(refused.out()).containsPattern(idle + " +\\d+ s  idle in transaction +idle +app +127.0.0.1\n");

        Output dry = monitor.run("terminate-idle-in-transaction", "--older-than", "1s", "--dry-run", "--yes");
        assertThat(dry.exitCode()).isZero();
        assertThat(dry.out()).contains(Integer.toString(idle), "nothing was done");
        assertThat(sessions.isThere(idle)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"n\n", "\n", "yeah\n", "\u0004"})
    void anyOtherAnswerThanYesIsNo(String answer) throws Exception {
        int idle = idle(DATABASE, "app", "idle");
        awaitOlderThanASecond(idle);

        try (Terminal terminal = askedOnTerminal()) {
            terminal.type(answer);
            assertThat(terminal.awaitEnd()).isEqualTo(1);
            assertThat(terminal.screen()).contains("Nothing was done.");
        }
        assertThat(sessions.isThere(idle)).isTrue();
    }

    @Test
    void yesIsYes() throws Exception {
        int idle = idle(DATABASE, "app", "idle");
        awaitOlderThanASecond(idle);

        try (Terminal terminal = askedOnTerminal()) {
            assertThat(terminal.screen())
                    .startsWith("On localhost:%d/shop as app:\r\n".formatted(sessions.port()))
                    .contains("End 1 session on localhost:%d/shop? Their transactions are rolled back. [y/N] "
                            .formatted(sessions.port()));
            assertThat(sessions.isThere(idle)).isTrue();
            terminal.type("yes\n");
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(terminal.screen()).contains(idle + " terminated");
        }
        assertThat(idle).satisfies(gone());
    }

    @Test
    void whoeverHasGoneOnMeanwhileIsLeftAlone() throws Exception {
        Connection busy = sessions.idleInTransaction(DATABASE, "app", "busy");
        Connection closed = sessions.idleInTransaction(DATABASE, "app", "closed");
        int busyPid = Sessions.pid(busy);
        int closedPid = Sessions.pid(closed);
        awaitOlderThanASecond(busyPid, closedPid);

        try (Terminal terminal = askedOnTerminal()) {
            Sessions.execute(busy, "select 2");
            closed.close();
            assertThat(closedPid).satisfies(gone());
            terminal.type("y\n");
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(terminal.screen())
                    .contains(
                            busyPid + " left alone: no longer idle in transaction for so long",
                            closedPid + " gone meanwhile");
        }
        assertThat(sessions.isThere(busyPid)).isTrue();
    }

    /** As if the server had given the process's number to a later session: one that was begun at another time. */
    @Test
    void aNumberThatBelongsToALaterSessionIsNotHit(@TempDir Path path) throws Exception {
        int idle = idle(DATABASE, "app", "later");
        awaitOlderThanASecond(idle);
        Path psql = path.resolve("psql");
        Files.writeString(
                psql,
                "#!/bin/sh\nsed -u \"s/^\\\\\\\\set targets '\\([0-9]*\\):[0-9]*/\\\\\\\\set targets '\\1:1/\" | /usr/bin/psql \"$@\"\n");
        assertThat(psql.toFile().setExecutable(true)).isTrue();

        Output done = monitor.with("PATH", path + ":" + System.getenv("PATH")).run(TERMINATE_UNASKED);

        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        assertThat(done.out()).contains(idle + " gone meanwhile");
        assertThat(sessions.isThere(idle)).isTrue();
    }

    @Test
    void nothingToDoIsDone() {
        Output done = monitor.run(TERMINATE);

        assertThat(done.exitCode()).isZero();
        assertThat(done.out())
                .isEqualTo("On localhost:%d/shop as app:\nThere is no session to end.\n".formatted(sessions.port()));
    }

    private Terminal askedOnTerminal() throws IOException {
        Terminal terminal = monitor.onTerminal(TERMINATE);
        await().until(() -> terminal.screen().contains("[y/N]"));
        return terminal;
    }

    private int idle(String database, String user, String name) throws SQLException {
        return Sessions.pid(sessions.idleInTransaction(database, user, name));
    }

    private void awaitOlderThanASecond(int... pids) throws SQLException {
        try (Connection admin = sessions.open("postgres", Sessions.SUPERUSER, "admin")) {
            for (int pid : pids) {
                await().until(() -> {
                    try (var statement = admin.createStatement();
                            var row = statement.executeQuery("select clock_timestamp() - state_change > '1 s'"
                                    + " from pg_stat_activity where pid = " + pid)) {
                        return row.next() && row.getBoolean(1);
                    }
                });
            }
        }
    }

    private org.assertj.core.api.ThrowingConsumer<Integer> gone() {
        return pid -> await().until(() -> !sessions.isThere(pid));
    }
}
