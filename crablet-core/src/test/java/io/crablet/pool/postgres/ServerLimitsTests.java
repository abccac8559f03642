package io.crablet.pool.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.PoolCapacity;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.URLEncoder;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class ServerLimitsTests {

    private static final String ROLE = "limits_reader";

    private final TestDatabase database;

    ServerLimitsTests(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void createRole() throws SQLException {
        execute("create role " + ROLE + " login password 'secret'");
    }

    @AfterEach
    void dropRole() throws SQLException {
        execute("alter database " + database.name() + " connection limit -1");
        execute("drop role " + ROLE);
    }

    @Test
    void aRoleWithoutRightsReadsTheServersLimits() throws SQLException {
        ServerLimits limits = readWhenQuiet();

        assertThat(limits.maxConnections()).isEqualTo(Integer.parseInt(show("max_connections")));
        assertThat(limits.reserved()).isEqualTo(Integer.parseInt(show("superuser_reserved_connections")));
        assertThat(limits.role()).isEqualTo(new ServerLimits.Scope(ROLE, -1, 0));
        assertThat(limits.database()).isEqualTo(new ServerLimits.Scope(database.name(), -1, 0));
    }

    @Test
    void connectionsOfRolesThatItMayNotWatchCountToo() throws SQLException {
        int before = readWhenQuiet().used();

        try (Connection administrator = database.dataSource().getConnection();
                Connection own = connect()) {
            ServerLimits limits = read();

            assertThat(limits.used()).isGreaterThanOrEqualTo(before + 2);
            assertThat(limits.database().used()).isEqualTo(2);
            assertThat(limits.role().used()).isEqualTo(1);
            assertThat(administrator.isValid(10) && own.isValid(10)).isTrue();
        }
    }

    @Test
    void theServersOwnProcessesAreNoConnections() throws SQLException {
        try (Connection administrator = database.dataSource().getConnection()) {
            await().untilAsserted(() -> assertThat(read().used()).isEqualTo(clients(administrator)));
        }
    }

    @Test
    void aConnectionThatWasOpenedOnlyToAskDoesNotCount() throws SQLException {
        readWhenQuiet();

        try (Connection asking = connect(ServerLimits.APPLICATION_NAME)) {
            ServerLimits limits = read();

            assertThat(limits.role().used()).isZero();
            assertThat(asking.isValid(10)).isTrue();
        }
    }

    @Test
    void theLimitOfTheRoleDecidesWhereItIsTheTightest() throws SQLException {
        execute("alter role " + ROLE + " connection limit 10");
        execute("alter database " + database.name() + " connection limit 20");

        PoolCapacity capacity = readWhenQuiet().capacity(0, List.of());

        assertThat(capacity.available()).isEqualTo(8);
        assertThat(capacity.arithmetic()).isEqualTo("connection limit of role 'limits_reader' 10 - 2 kept free = 8");
    }

    @Test
    void theLimitOfTheDatabaseDecidesWhereItIsTheTightest() throws SQLException {
        execute("alter database " + database.name() + " connection limit 20");

        PoolCapacity capacity = readWhenQuiet().capacity(0, List.of());

        assertThat(capacity.arithmetic())
                .isEqualTo("connection limit of database '" + database.name() + "' 20 - 2 kept free = 18");
    }

    @Test
    void theLimitsOfDatabaseAndRoleDoNotBindASuperuser() throws SQLException {
        execute("alter database " + database.name() + " connection limit 20");

        try (Connection connection = database.dataSource().getConnection()) {
            assertThat(ServerLimits.read(connection).capacity(0, List.of()).limitedBy())
                    .isEqualTo("max_connections");
        }
    }

    @Test
    void whatAnotherPoolOfTheApplicationHasOpenIsCountedOnceAsWhatItMayTake() throws SQLException {
        execute("alter role " + ROLE + " connection limit 20");
        readWhenQuiet();

        try (Connection ofOtherPool = connect()) {
            ServerLimits limits = read();
            PoolClaim claim = limits.claim(1, 6);

            assertThat(limits.capacity(0, List.of(claim)).arithmetic())
                    .isEqualTo("connection limit of role 'limits_reader' 20"
                            + " - 6 for this application's other pools - 2 kept free = 12");
            assertThat(ofOtherPool.isValid(10)).isTrue();
        }
    }

    @Test
    void aPoolOnAnotherServerTakesNothingHere() throws SQLException {
        execute("alter role " + ROLE + " connection limit 20");
        ServerLimits limits = readWhenQuiet();
        PoolClaim elsewhere = new PoolClaim(
                limits.startedAt().minusSeconds(1), limits.database().name(), ROLE, 6, 6);

        assertThat(limits.capacity(0, List.of(elsewhere)).available()).isEqualTo(18);
    }

    @Test
    void aPoolOfAnotherRoleTakesNothingFromThisRolesLimit() throws SQLException {
        execute("alter role " + ROLE + " connection limit 20");
        ServerLimits limits = readWhenQuiet();
        PoolClaim another = new PoolClaim(limits.startedAt(), limits.database().name(), "another", 6, 6);

        assertThat(limits.capacity(0, List.of(another)).available()).isEqualTo(18);
    }

    /** A connection that was closed is still listed for a moment. */
    private ServerLimits readWhenQuiet() {
        return await().until(this::read, limits -> limits.database().used() == 0);
    }

    private ServerLimits read() throws SQLException {
        try (Connection connection = connect(ServerLimits.APPLICATION_NAME)) {
            return ServerLimits.read(connection);
        }
    }

    private Connection connect() throws SQLException {
        return connect("test");
    }

    private Connection connect(String applicationName) throws SQLException {
        return DriverManager.getConnection(
                database.jdbcUrl() + "?ApplicationName=" + URLEncoder.encode(applicationName, UTF_8), ROLE, "secret");
    }

    private static int clients(Connection administrator) throws SQLException {
        try (Statement statement = administrator.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT count(*) FROM pg_stat_activity
                         WHERE backend_type = 'client backend' AND application_name <> 'crablet capacity check'
                        """)) {
            row.next();
            return row.getInt(1);
        }
    }

    private String show(String setting) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
