package io.crablet.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The PostgreSQL that is measured: an embedded one with the server's default settings, so fsync and synchronous_commit are on, with
 * 400 connections. {@code DB_HOST} and {@code DB_PORT}, {@code DB_USER}, {@code DB_PASSWORD} name another; it gets databases of its own there.
 */
public final class Server implements Closeable {

    /** How many connections the embedded server allows. */
    public static final int MAX_CONNECTIONS = 400;

    private final String address;
    private final String user;
    private final String password;
    private final Closeable stop;

    private Server(String address, String user, String password, Closeable stop) {
        this.address = address;
        this.user = user;
        this.password = password;
        this.stop = stop;
    }

    static Server start() throws IOException {
        String host = System.getenv("DB_HOST");
        if (host != null) {
            return new Server(
                    host + ":" + variable("DB_PORT", "5432"),
                    variable("DB_USER", "postgres"),
                    variable("DB_PASSWORD", ""),
                    () -> {});
        }
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", String.valueOf(MAX_CONNECTIONS))
                // The library's own defaults are for tests: what they turn off is on here, as on every server.
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .setLocaleConfig("locale", "C")
                .start();
        return new Server("localhost:" + postgres.getPort(), "postgres", "postgres", postgres);
    }

    private static String variable(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }

    /**
     * Creates an empty database, in place of one of that name.
     *
     * @param name letters, digits and underscores
     * @return its JDBC URL; user and password are those of this server
     * @throws SQLException when it cannot be created
     */
    public String createDatabase(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres"), user, password);
                Statement statement = connection.createStatement()) {
            statement.execute("drop database if exists " + name + " with (force)");
            statement.execute("create database " + name);
        }
        return url(name);
    }

    /**
     * Opens a plain pool on a database.
     *
     * @param url of the database
     * @param size the most connections, all of which it opens as they are needed
     * @return the pool; the caller closes it
     */
    public HikariDataSource pool(String url, int size) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setUsername(user);
        pool.setPassword(password);
        pool.setMaximumPoolSize(size);
        return pool;
    }

    /**
     * Returns the user to connect as.
     *
     * @return its name
     */
    public String user() {
        return user;
    }

    /**
     * Returns the user's password.
     *
     * @return it; may be empty
     */
    public String password() {
        return password;
    }

    /** Returns the server's version, without the compiler's. */
    String version() throws SQLException {
        return rows("select 'server_version', current_setting('server_version')")
                .getOrDefault("server_version", "");
    }

    /** Returns the server's settings on which the figures depend. */
    Map<String, String> settings() throws SQLException {
        return rows("""
                select name, current_setting(name) from pg_settings
                where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers',
                    'max_connections', 'max_wal_size', 'work_mem', 'autovacuum', 'jit')
                order by name
                """);
    }

    private Map<String, String> rows(String sql) throws SQLException {
        Map<String, String> values = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection(url("postgres"), user, password);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.put(rows.getString(1), rows.getString(2));
            }
        }
        return values;
    }

    private String url(String database) {
        return "jdbc:postgresql://" + address + "/" + database;
    }

    @Override
    public void close() throws IOException {
        stop.close();
    }
}
