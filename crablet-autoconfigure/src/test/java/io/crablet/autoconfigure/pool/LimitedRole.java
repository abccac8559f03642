package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A role that may open 10 connections. */
final class LimitedRole implements AutoCloseable {

    static final String NAME = "capacity_role";

    static final String PASSWORD = "correct-horse-battery";

    private final TestDatabase database;

    LimitedRole(TestDatabase database) throws SQLException {
        this.database = database;
        execute("create role " + NAME + " login password '" + PASSWORD + "' connection limit 10");
    }

    /** What makes Spring Boot connect as the role. */
    String[] properties() {
        return new String[] {
            "spring.datasource.url=" + database.jdbcUrl(),
            "spring.datasource.username=" + NAME,
            "spring.datasource.password=" + PASSWORD,
            "test.url=" + database.jdbcUrl()
        };
    }

    DataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(database.jdbcUrl());
        dataSource.setUser(NAME);
        dataSource.setPassword(PASSWORD);
        return dataSource;
    }

    int sessions() throws SQLException {
        return count("select count(*) from pg_stat_activity where usename = '" + NAME + "'");
    }

    /** A session is listed for a moment after its connection was closed. */
    void awaitNoSessions() {
        await().untilAsserted(() -> assertThat(
                        count("select count(*) from pg_stat_activity where datname = '" + database.name() + "'"))
                .isZero());
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connectElsewhere();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        execute("alter database " + database.name() + " connection limit -1");
        execute("drop role " + NAME);
    }

    private int count(String sql) throws SQLException {
        try (Connection connection = connectElsewhere();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    // Not to be counted among the connections to the database of the test.
    private Connection connectElsewhere() throws SQLException {
        return DriverManager.getConnection(
                database.server().jdbcUrl("postgres"), database.username(), database.password());
    }
}
