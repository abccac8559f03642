package io.crablet.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.core.io.ClassPathResource;

/** The SQL of the runbook, pasted as an ordinary role, on a scene that has all that it looks for. */
@ExtendWith(PostgresExtension.class)
class RunbookSqlTests {

    private static final String ROLE = "runbook_role";

    /** Has nothing to do with the other and may see none of what it does. */
    private static final String OUTSIDER = "runbook_outsider";

    private static final String APPEND = """
            select * from crablet_append(60000, array[1], array['Appended'], array['{}'], array['{}'], array['{}'],
                array[null]::bigint[], array[0], array[]::text[], array[]::text[])
            """;

    private final TestDatabase database;

    private final Map<String, String> sql = Markdown.guide("runbook.md").blocks().stream()
            .filter(block -> block.language().equals("sql"))
            .collect(Collectors.toMap(Markdown.Block::heading, Markdown.Block::text));

    private final List<Connection> open = new ArrayList<>();

    private Session operator;

    /** Has appended and not committed. */
    private Session holder;

    private Session waiter;

    private Session sleeper;

    private CompletableFuture<Void> waiting;

    private CompletableFuture<Void> sleeping;

    RunbookSqlTests(TestDatabase database) {
        this.database = database;
    }

    private record Session(Connection connection, int pid) {

        void execute(String statement) throws SQLException {
            try (Statement jdbc = connection.createStatement()) {
                jdbc.execute(statement);
            }
        }

        CompletableFuture<Void> start(String statement) {
            return CompletableFuture.runAsync(
                    () -> {
                        try {
                            execute(statement);
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    },
                    // The common pool may have one thread only.
                    task -> new Thread(task, statement).start());
        }

        /** The rows, each as text. */
        List<String> query(String query) throws SQLException {
            try (Statement jdbc = connection.createStatement();
                    ResultSet row = jdbc.executeQuery(query)) {
                List<String> rows = new ArrayList<>();
                while (row.next()) {
                    List<String> cells = new ArrayList<>();
                    for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                        cells.add(row.getString(column));
                    }
                    rows.add(
                            String.join(" ", cells.stream().map(String::valueOf).toList()));
                }
                return rows;
            }
        }
    }

    @BeforeEach
    void stage() throws Exception {
        try (Connection superuser = database.dataSource().getConnection();
                Statement statement = superuser.createStatement()) {
            statement.execute("create role " + ROLE + " login password '" + ROLE + "'");
            statement.execute("grant all on schema public to " + ROLE);
            statement.execute("create role " + OUTSIDER + " login password '" + OUTSIDER + "'");
        }
        operator = connect(ROLE, "operator");
        operator.execute(new ClassPathResource("io/crablet/eventstore/postgres/crablet-schema.sql")
                .getContentAsString(StandardCharsets.UTF_8));
        operator.execute(APPEND);
        holder = connect(ROLE, "holder");
        holder.connection().setAutoCommit(false);
        holder.execute(APPEND);
        waiter = connect(ROLE, "waiter");
        waiting = waiter.start(APPEND);
        sleeper = connect(ROLE, "sleeper");
        sleeping = sleeper.start("select pg_sleep(600)");
        await().until(() ->
                operator.query("select pid from pg_stat_activity where wait_event in ('advisory', 'PgSleep')")
                                .size()
                        == 2);
    }

    @AfterEach
    void leave() throws SQLException {
        try (Connection superuser = database.dataSource().getConnection();
                Statement statement = superuser.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = '" + ROLE + "'");
            statement.execute("drop owned by " + ROLE);
            statement.execute("drop role " + ROLE);
            statement.execute("drop role " + OUTSIDER);
        }
        for (Connection connection : open) {
            connection.close();
        }
    }

    @Test
    void itsQueriesFindWhatIsStaged() throws SQLException {
        assertThat(paste("Usage by state")).anyMatch(row -> row.startsWith("idle in transaction 1 "));
        String limits = operator.query(
                        "select current_setting('max_connections'), current_setting('superuser_reserved_connections')")
                .get(0);
        // Those of superusers are counted too, and one may be about to go.
        assertThat(paste("Against the limit")).singleElement().asString().matches("[4-9] " + limits);
        assertThat(paste("By application"))
                .anyMatch(row -> row.contains(ROLE + " holder ") && row.endsWith(" 1 0 1"))
                .anyMatch(row -> row.contains(ROLE + " sleeper ") && row.endsWith(" 1 1 0"));
        assertThat(paste("All sessions"))
                .anySatisfy(of(holder))
                .anySatisfy(of(waiter))
                .anySatisfy(of(sleeper));
        assertThat(paste("Idle in transaction")).satisfiesExactly(of(holder));
        assertThat(operator.query(without("30 seconds", "Long-running")))
                .satisfiesExactlyInAnyOrder(of(waiter), of(sleeper));
        assertThat(paste("Who waits for whom"))
                .singleElement()
                .satisfies(of(waiter))
                .asString()
                .endsWith("{" + holder.pid() + "}");
        assertThat(paste("Who is in the way"))
                .singleElement()
                .satisfies(of(holder))
                .asString()
                .contains(" 1 {" + waiter.pid() + "} ");
        assertThat(paste("The append lock"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("public t " + holder.pid()),
                        row -> assertThat(row).startsWith("public f " + waiter.pid()));
        assertThat(paste("The head of the log")).singleElement().asString().startsWith("1 Appended ");
        assertThat(paste("Prepared transactions")).isEmpty();
    }

    @Test
    void aRoleThatSeesNoStatesSeesWhoIsInWhoseWay() throws SQLException {
        operator = connect(OUTSIDER, "outsider");

        assertThat(paste("Idle in transaction")).isEmpty();
        assertThat(paste("Who waits for whom"))
                .singleElement()
                .satisfies(of(waiter))
                .asString()
                .contains(" <insufficient privilege> ")
                .endsWith("{" + holder.pid() + "}");
        assertThat(paste("Who is in the way"))
                .singleElement()
                .satisfies(of(holder))
                .asString()
                .contains(" 1 {" + waiter.pid() + "} " + ROLE + " holder null ");
        assertThat(paste("The append lock"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("public t " + holder.pid()),
                        row -> assertThat(row).startsWith("public f " + waiter.pid()));
    }

    @Test
    void whoWaitsIsShownForHowLongAndNotHowOldTheStatementIs() throws SQLException {
        operator.execute("create table goods (id int)");
        Session first = connect(ROLE, "first");
        first.connection().setAutoCommit(false);
        first.execute("lock table goods");
        Session late = connect(ROLE, "late");
        late.start("do $$ begin perform pg_sleep(1); lock table goods; end $$");
        String younger = "select waits_for < clock_timestamp() - query_start - interval '0.9 seconds' from ("
                + sql.get("Who waits for whom").replace(";", "")
                + ") waits join pg_stat_activity on pid = waits where waits = " + late.pid();

        await().until(() -> operator.query(younger), List.of("t")::equals);
    }

    @Test
    void aStatementIsCancelledAndItsSessionStays() throws SQLException {
        assertThat(operator.query(of(sleeper, "Cancel a statement"))).containsExactly("t");

        assertFailed(sleeping, "57014");
        sleeper.execute("select 1");
    }

    @Test
    void aSessionIsTerminated() throws SQLException {
        assertThat(operator.query(of(waiter, "Terminate a session"))).containsExactly("t");

        assertFailed(waiting, "57P01");
        assertThat(sleeping).isNotDone();
    }

    @Test
    void whatIsIdleInTransactionIsTerminatedAndNothingElse() throws SQLException {
        assertThat(paste("Terminate what is idle in transaction")).isEmpty();

        assertThat(operator.query(without("5 minutes", "Terminate what is idle in transaction")))
                .satisfiesExactly(of(holder));
        assertThat(waiting).succeedsWithin(Duration.ofSeconds(10));
        assertThat(sleeping).isNotDone();
    }

    @Test
    void allAreDisconnectedButTheOperatorAndSuperusersAndThoseWhoWatch() throws SQLException {
        Session watch = connect(ROLE, "crablet-watch");
        Session monitor = connect(ROLE, "crablet-monitor");
        try (Connection superuser = database.dataSource().getConnection();
                Statement statement = superuser.createStatement()) {
            assertThat(paste("Disconnect all but mine"))
                    .satisfiesExactlyInAnyOrder(of(holder), of(waiter), of(sleeper));
            statement.execute("select 1");
        }
        watch.execute("select 1");
        monitor.execute("select 1");
        assertFailed(sleeping, "57P01");
        // What waits gets the lock if its holder is told first, and may be done before it is told.
        String left = "select pid from pg_stat_activity where pid in (%d, %d)".formatted(holder.pid(), waiter.pid());
        await().until(() -> operator.query(left), List::isEmpty);
    }

    @Test
    void noneOfItGoesUntried() {
        assertThat(sql)
                .containsOnlyKeys(
                        "Usage by state",
                        "Against the limit",
                        "By application",
                        "All sessions",
                        "Idle in transaction",
                        "Long-running",
                        "Who waits for whom",
                        "Who is in the way",
                        "The append lock",
                        "The head of the log",
                        "Prepared transactions",
                        "Cancel a statement",
                        "Terminate a session",
                        "Terminate what is idle in transaction",
                        "Disconnect all but mine");
    }

    private List<String> paste(String heading) throws SQLException {
        return operator.query(sql.get(heading));
    }

    /** As if so much time had passed. */
    private String without(String time, String heading) {
        assertThat(sql.get(heading)).contains("interval '" + time + "'");
        return sql.get(heading).replace("interval '" + time + "'", "interval '0'");
    }

    private String of(Session session, String heading) {
        assertThat(sql.get(heading)).contains("4711");
        return sql.get(heading).replace("4711", String.valueOf(session.pid()));
    }

    private static Consumer<Object> of(Session session) {
        return row -> assertThat(row.toString()).containsPattern("\\b" + session.pid() + "\\b");
    }

    private static void assertFailed(CompletableFuture<Void> statement, String sqlState) {
        assertThat(statement)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingRootCause()
                .satisfies(e -> assertThat(((SQLException) e).getSQLState()).isEqualTo(sqlState));
    }

    private Session connect(String role, String application) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", role);
        properties.setProperty("password", role);
        properties.setProperty("ApplicationName", application);
        Connection connection = DriverManager.getConnection(database.jdbcUrl(), properties);
        open.add(connection);
        return new Session(connection, connection.unwrap(PGConnection.class).getBackendPID());
    }
}
