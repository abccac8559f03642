package io.crablet.sample.monitor;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Sessions of a server, closed together. */
final class Sessions implements AutoCloseable {

    static final String SUPERUSER = "postgres";

    private final EmbeddedPostgres server;
    private final List<Connection> open = new ArrayList<>();

    Sessions(EmbeddedPostgres server) {
        this.server = server;
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
        return "jdbc:postgresql://localhost:" + server.getPort() + "/" + database;
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
    public void close() throws SQLException {
        for (Connection connection : open) {
            connection.close();
        }
    }
}
