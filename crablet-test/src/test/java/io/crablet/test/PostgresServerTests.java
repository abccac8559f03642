package io.crablet.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class PostgresServerTests {

    private final PostgresServer server = PostgresServer.shared();

    @Test
    void thereIsOneServerPerJvm() {
        assertThat(PostgresServer.shared()).isSameAs(server);
    }

    @Test
    void theServerIsTheKindThatWasAskedFor() throws SQLException {
        String mode = System.getProperty(PostgresServer.MODE_PROPERTY, "embedded");

        try (TestDatabase database = server.createDatabase()) {
            assertThat(query(database, "show server_version_num").substring(0, 2))
                    .isEqualTo(mode.equals("testcontainers") ? "15" : "18");
        }
    }

    @Test
    void theServerTakesManyConnectionsAndSparesTheDisk() throws SQLException {
        try (TestDatabase database = server.createDatabase()) {
            assertThat(query(database, "show max_connections")).isEqualTo("300");
            assertThat(query(database, "show fsync")).isEqualTo("off");
            assertThat(query(database, "show synchronous_commit")).isEqualTo("on");
            assertThat(query(database, "show server_encoding")).isEqualTo("UTF8");
        }
    }

    @Test
    void theUserIsASuperuser() throws SQLException {
        try (TestDatabase database = server.createDatabase()) {
            assertThat(query(database, "select rolsuper::text from pg_roles where rolname = current_user"))
                    .isEqualTo("true");
        }
    }

    @Test
    void everyDatabaseIsNewAndEmpty() throws SQLException {
        try (TestDatabase first = server.createDatabase();
                TestDatabase second = server.createDatabase()) {
            try (Connection connection = first.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create table only_in_the_first (id int)");
            }

            assertThat(second.name()).isNotEqualTo(first.name());
            assertThat(query(second, "select to_regclass('only_in_the_first')::text"))
                    .isNull();
        }
    }

    @Test
    void aClosedDatabaseIsGoneEvenIfSomebodyIsConnected() throws SQLException {
        TestDatabase database = server.createDatabase();

        try (Connection connection = database.dataSource().getConnection()) {
            database.close();

            assertThat(connection.isValid(1)).isFalse();
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> database.dataSource().getConnection())
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("3D000"));
        }
    }

    @Test
    void closingTwiceDoesNothing() {
        TestDatabase database = server.createDatabase();

        database.close();
        database.close();

        assertThat(database.name()).startsWith("test_");
    }

    @Test
    void anUnknownKindOfServerIsRefusedWithTheKindsThereAre() {
        assertThatIllegalStateException()
                .isThrownBy(() -> PostgresServer.start("oracle"))
                .withMessageContaining("crablet.test.postgres")
                .withMessageContaining("oracle")
                .withMessageContaining("embedded")
                .withMessageContaining("testcontainers");
    }

    private static String query(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
