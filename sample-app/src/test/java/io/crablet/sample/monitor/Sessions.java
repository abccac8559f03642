package io.crablet.sample.monitor;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A server of a test class's own, and the sessions that a test opens there. They are closed when it ends. */
final class Sessions implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    static final String SUPERUSER = "postgres";

    private final UnaryOperator<EmbeddedPostgres.Builder> settings;
    private final String[] statements;
    private final List<Connection> open = new ArrayList<>();
    private @Nullable EmbeddedPostgres server;

    /** On a server with these settings, after these statements. */
    Sessions(UnaryOperator<EmbeddedPostgres.Builder> settings, String... statements) {
        this.settings = settings;
        this.statements = statements;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, SQLException {
        server = settings.apply(EmbeddedPostgres.builder()).start();
        administer(statements);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        Objects.requireNonNull(server).close();
    }

    /** A session with a name of its own. */
    Connection open(String database, String user, String name) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("ApplicationName", name);
        Connection connection = DriverManager.getConnection(url(database), properties);
        open.add(connection);
        return connection;
    }

    /** One that does nothing in a transaction. */
    Connection idleInTransaction(String database, String user, String name) throws SQLException {
        Connection connection = open(database, user, name);
        connection.setAutoCommit(false);
        execute(connection, "select 1");
        return connection;
    }

    String url(String database) {
        return "jdbc:postgresql://localhost:" + port() + "/" + database;
    }

    int port() {
        return Objects.requireNonNull(server).getPort();
    }

    static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** As the superuser. */
    void administer(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres") + "?user=" + SUPERUSER)) {
            for (String sql : statements) {
                execute(connection, sql);
            }
        }
    }

    boolean isThere(int pid) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres") + "?user=" + SUPERUSER);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select from pg_stat_activity where pid = " + pid)) {
            return row.next();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws SQLException {
        for (Connection connection : open) {
            connection.close();
        }
        open.clear();
    }
}
