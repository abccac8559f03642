package io.crablet.eventstore.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An empty log in a schema of its own, and a pool of connections as a role that may do no more than the grants script
 * allows.
 */
final class TestLog implements AutoCloseable {

    static final String PASSWORD = "application";

    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private final TestDatabase database;
    private final String role;
    private final String schema = "log_" + SCHEMAS.incrementAndGet();
    private final HikariDataSource pool;

    TestLog(TestDatabase database) {
        this(database, "");
    }

    /** Creates a log whose pool's URL has these parameters. */
    TestLog(TestDatabase database, String urlParameters) {
        this.database = database;
        this.role = createRole(database, "application");
        execute("create schema " + schema);
        new PostgresSchema(database.dataSource(), schema).initialize();
        grant(role);
        HikariConfig config = poolConfig();
        config.setJdbcUrl(database.jdbcUrl() + urlParameters);
        this.pool = new HikariDataSource(config);
    }

    /** Creates a role that may do nothing, unless it is there. */
    static String createRole(TestDatabase database, String name) {
        String role = name + "_" + database.name();
        execute(database, """
                do $$ begin
                    create role %s login password '%s';
                exception when duplicate_object then
                end $$
                """.formatted(role, PASSWORD));
        return role;
    }

    static void execute(TestDatabase database, String... sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", sql), e);
        }
    }

    static String script(String name) {
        try (InputStream in = PostgresEventStore.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    private void grant(String to) {
        execute("set crablet.application_role = '" + to + "'", script("crablet-grants.sql"));
    }

    /** Returns the settings of the pool, for another one like it. */
    HikariConfig poolConfig() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.jdbcUrl());
        config.setUsername(role);
        config.setPassword(PASSWORD);
        config.setMaximumPoolSize(24);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(10_000);
        return config;
    }

    PostgresEventStore.Builder storeBuilder() {
        return PostgresEventStore.builder(pool).schema(schema);
    }

    PostgresEventStore store() {
        return storeBuilder().build();
    }

    TestDatabase database() {
        return database;
    }

    HikariDataSource pool() {
        return pool;
    }

    String role() {
        return role;
    }

    String schema() {
        return schema;
    }

    Backends backends() {
        return new Backends(this, pool);
    }

    /** Opens a connection as the superuser, who also owns the log, with the log's schema as search path. */
    Connection connect() throws SQLException {
        Connection connection = database.dataSource().getConnection();
        connection.setSchema(schema);
        return connection;
    }

    /** Executes as the owner of the log. */
    void execute(String... sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : sql) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", sql), e);
        }
    }

    /** Returns the one number that a query as the owner of the log gives. */
    long queryForLong(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
