package io.crablet.sample.monitor;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.crablet.sample.monitor.Monitor.Output;
import io.crablet.sample.monitor.Monitor.Terminal;
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
import tools.jackson.databind.JsonNode;

/** How the monitor looks at a server, and what it prints of names that are not meant well. */
@Tag("monitor")
class MonitorTests {

    private static final String DATABASE = "shop";

    /** What a name can hold that harms a terminal, a line, a shell, psql, a format or the reader's eye. */
    private static final String HOSTILE =
            "a\u001b[31m\u009b2J\r\n\t\u202eb'\"\\ %s%n $(touch /tmp/x) `id` |é:日本\u200b\u0007";

    private static final String HARMLESS = "a?[31m?2J????b'\"\\ %s%n $(touch /tmp/x) `id` |é:日本??";

    @RegisterExtension
    static final Sessions sessions = new Sessions(
            builder -> builder.setServerConfig("max_connections", "330")
                    .setLocaleConfig("locale", "C")
                    .setLocaleConfig("encoding", "UTF8"),
            "create role app login",
            "create role auditor login in role pg_read_all_stats",
            "create role few login connection limit 4",
            "create role \"" + HOSTILE.replace("\"", "\"\"") + "\" login",
            "create database shop owner app");

    private final Monitor monitor = Monitor.at(sessions.url(DATABASE), "app");

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

    /** Who reads the exit code must not take it for a warning. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--once >/dev/full",
                "--once >&-",
                "--nagios >/dev/full",
                "--json --once >/dev/full",
                "--json >/dev/full",
                "--help >/dev/full",
                "disconnect-all --dry-run >/dev/full"
            })
    void outputThatCannotBeWrittenIsUnknown(String options) {
        Output unknown = monitor.run(List.of("sh", "-c", "exec bash '" + Monitor.SCRIPT + "' " + options));

        assertThat(unknown.exitCode()).isEqualTo(3);
        assertThat(unknown.err()).contains("write error");
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

    @ParameterizedTest
    @ValueSource(ints = {100, 50})
    void noLineOfTheScreenIsWiderThanItAndWhatMattersIsWhole(int columns) throws Exception {
        sessions.idleInTransaction(DATABASE, HOSTILE, "x".repeat(60));
        try (Terminal terminal = monitor.with("NO_COLOR", "1")
                .onTerminal(columns, 40, "--idle-in-transaction", "1ms", "--blocked", "1ms")) {
            await().until(() -> terminal.screen().contains("\u001b[J"));
            terminal.type("q");
            assertThat(terminal.awaitEnd()).isZero();
            String screen = terminal.screen().replaceAll("\u001b\\[[?\\d]*[a-zA-Z]", "");
            assertThat(screen.lines()).allSatisfy(line -> {
                long wide = line.codePoints()
                        .filter(character -> character == '日' || character == '本')
                        .count();
                assertThat(line.length() + wide).as(line).isLessThanOrEqualTo(columns);
            });
            assertThat(screen).contains("…");
            assertThat(screen.replaceAll("\r\n *", " "))
                    .contains("every 5s, q quits", "may be in any state: GRANT pg_read_all_stats TO app ");
        }
    }

    @Test
    void onceNothingIsCutOnATerminalEither() throws Exception {
        sessions.idleInTransaction(DATABASE, "app", "idler");
        Output whole = monitor.run("--once");
        try (Terminal terminal = monitor.with("NO_COLOR", "1").onTerminal(66, 5, "--once")) {
            assertThat(terminal.awaitEnd()).isZero();
            assertThat(withoutFigures(terminal.screen().replaceAll("\\s+", " ")))
                    .isEqualTo(withoutFigures(whole.out().replaceAll("\\s+", " ")));
            assertThat(terminal.screen().lines().limit(2))
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(66));
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
    void theLanguageOfTheDatabaseDoesNotChangeACommand() throws Exception {
        sessions.administer(
                "create database turkish template template0 locale_provider icu icu_locale 'tr' locale 'C'");
        Connection idle = sessions.idleInTransaction("turkish", "app", "idler");
        Sessions.execute(idle, "with one as (select 1) select from one");

        JsonNode json = monitor.with("DB_NAME", "turkish")
                .run("--once", "--json", "--idle-in-transaction", "1ms")
                .json();

        assertThat(json.get("idleInTransaction").get(0).get("command").asString())
                .isEqualTo("WITH");
    }

    /** To the server a name is bytes, whatever the encoding of the database that it was given in. */
    @Test
    void namesThatCannotBeReadHereDoNotBlindIt() throws Exception {
        sessions.administer("create database latin template template0 encoding 'LATIN1' locale 'C'");
        Sessions.execute(
                sessions.open("latin", Sessions.SUPERUSER, "latin"), "create role \"rôle\" login connection limit 7");
        sessions.administer("create database japanese template template0 encoding 'EUC_JP' locale 'C'");
        Monitor administrator = monitor.with("DB_USER", Sessions.SUPERUSER);

        assertThat(nameOfSevenAllowed(administrator)).matches("\\?\\d+");
        assertThat(nameOfSevenAllowed(administrator.with("DB_NAME", "latin"))).isEqualTo("r?le");
        assertThat(nameOfSevenAllowed(administrator.with("DB_NAME", "japanese")))
                .matches("r\\?l?e");
    }

    private static String nameOfSevenAllowed(Monitor monitor) {
        return monitor.run("--once", "--json")
                .json()
                .get("limits")
                .valueStream()
                .filter(limit -> limit.get("allowed").asInt() == 7)
                .findFirst()
                .orElseThrow()
                .get("name")
                .asString();
    }

    /** A range of characters in a language's order has others in it, and a Turkish i has a dot as a capital too. */
    @ParameterizedTest
    @ValueSource(strings = {"en_US", "tr_TR"})
    void theLanguageOfTheTerminalChangesNothing(String language, @TempDir Path locales) throws Exception {
        sessions.idleInTransaction(DATABASE, "app", "déjà-vu");
        Monitor foreign = in(language + ".UTF-8", locales);
        String[] options = {"--once", "--idle-in-transaction", "1ms/2ms"};

        Output screen = foreign.run(options);

        assertThat(withoutFigures(screen.out()))
                .isEqualTo(withoutFigures(monitor.run(options).out()));
        assertThat(screen.out()).contains("\nCRITICAL  1 session idle in transaction");
        assertThat(foreign.run("--nagios", "--idle-in-transaction", "1ms/2ms").out())
                .startsWith("CRABLET CRITICAL - 1 session idle");
    }

    /** Without what differs from one look to the next. */
    private static String withoutFigures(String screen) {
        return screen.replaceAll("\\d\\S+Z| *\\d+ (ms|s)\\b", "");
    }

    /** There the bytes of some letters make one character too. */
    @Test
    void aTerminalWithLongCharactersThatIsNotUtf8GetsAscii(@TempDir Path locales) throws Exception {
        sessions.administer("create role \"jürgen\" login");
        sessions.open(DATABASE, "jürgen", "foreigner");

        Output screen = in("ja_JP.EUC-JP", locales).run("--once");

        assertThat(screen.out()).matches("[ -~\n]*").containsPattern("\n {9}1 .{40}foreigner {23}j\\?rgen {10}shop ");
    }

    /** In a locale that is made for it, as few machines have any but C. */
    private Monitor in(String locale, Path locales) {
        String[] name = locale.split("\\.");
        String made = locales.resolve(locale).toString();
        Output output = monitor.run(List.of(
                "sh",
                "-c",
                "command -v localedef && localedef -i '%s' -f '%s' '%s'".formatted(name[0], name[1], made)));
        assumeThat(output.exitCode())
                .as("localedef makes %s: %s", locale, output.err())
                .isZero();
        return monitor.with("LC_ALL", locale).with("LOCPATH", locales.toString());
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
            await().until(() -> terminal.screen().endsWith("\u001b[J"));
            terminal.type("\u0003");
            assertThat(terminal.awaitEnd()).isEqualTo(130);
            assertThat(terminal.screen()).endsWith("\u001b[?25h\u001b[?1049l");
        }
    }
}
