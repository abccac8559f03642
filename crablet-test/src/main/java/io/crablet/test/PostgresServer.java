package io.crablet.test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The PostgreSQL server the tests of this JVM share.
 *
 * <p>It starts at first use and stops with the JVM. The system property {@code crablet.test.postgres} says what it is:
 * {@code embedded} (the default) is a server on this machine that needs nothing installed, {@code testcontainers} one in
 * a container, of the image that the system property {@code crablet.test.postgres.image} names ({@code postgres:15}
 * unless set). Both take 300 connections, do not sync to disk and have loaded
 * {@code pg_stat_statements}: a test that wants to know what was run creates that extension in its database.
 *
 * <p>Safe for use by several threads.
 */
public final class PostgresServer {

    static final String MODE_PROPERTY = "crablet.test.postgres";

    static final int MAX_CONNECTIONS = 300;

    static final String LIBRARY = "pg_stat_statements";

    private static @Nullable PostgresServer shared;

    private static @Nullable RuntimeException failure;

    private final String host;

    private final int port;

    private final String username;

    private final String password;

    private final AtomicInteger databases = new AtomicInteger();

    PostgresServer(String host, int port, String username, String password) {
        this.host = host;
        this.port = port;
        this.username = username;
        this.password = password;
    }

    /**
     * The one server of this JVM, started now if it is not running yet.
     *
     * @return the server, always the same
     * @throws IllegalStateException if it cannot be started, or the system property names no kind of server
     */
    public static synchronized PostgresServer shared() {
        if (failure != null) {
            throw new IllegalStateException("PostgreSQL did not start when a test first asked for it", failure);
        }
        PostgresServer server = shared;
        if (server == null) {
            try {
                server = start(System.getProperty(MODE_PROPERTY, "embedded"));
            } catch (RuntimeException e) {
                // Each further attempt could take a minute, once for every test.
                failure = e;
                throw e;
            }
            shared = server;
        }
        return server;
    }

    // The ways to start one live in classes of their own, so that each works without the other's library.
    static PostgresServer start(String mode) {
        return switch (mode) {
            case "embedded" -> EmbeddedServer.start();
            case "testcontainers" -> ContainerServer.start();
            default ->
                throw new IllegalStateException(
                        "The system property %s is '%s'; it must be 'embedded' or 'testcontainers'"
                                .formatted(MODE_PROPERTY, mode));
        };
    }

    /**
     * Where the server listens.
     *
     * @return a host name or address
     */
    public String host() {
        return host;
    }

    /**
     * The port the server listens on.
     *
     * @return a TCP port
     */
    public int port() {
        return port;
    }

    /**
     * The superuser's name.
     *
     * @return a role that may do everything
     */
    public String username() {
        return username;
    }

    /**
     * The superuser's password.
     *
     * @return the password that belongs to {@link #username()}
     */
    public String password() {
        return password;
    }

    /**
     * The address of a database on this server, without user and password.
     *
     * @param database the database's name
     * @return a JDBC URL
     */
    public String jdbcUrl(String database) {
        return "jdbc:postgresql://%s:%d/%s".formatted(host, port, database);
    }

    /**
     * Creates an empty database with a name no other has. Whoever asks for it closes it.
     *
     * @return the new database
     * @throws IllegalStateException if the server refuses
     */
    public TestDatabase createDatabase() {
        String name = "test_" + databases.incrementAndGet();
        execute("create database " + name);
        return new TestDatabase(this, name);
    }

    void dropDatabase(String name) {
        execute("drop database if exists " + name + " with (force)");
    }

    DataSource dataSource(String database) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(jdbcUrl(database));
        dataSource.setUser(username);
        dataSource.setPassword(password);
        return dataSource;
    }

    private void execute(String sql) {
        try (Connection connection = dataSource("postgres").getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL at %s:%d refused: %s".formatted(host, port, sql), e);
        }
    }
}
