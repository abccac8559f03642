package io.crablet.test;

import javax.sql.DataSource;

/** A database of its own on the shared server, for one test or one test class. Closing it drops it. */
public final class TestDatabase implements AutoCloseable {

    private final PostgresServer server;

    private final String name;

    TestDatabase(PostgresServer server, String name) {
        this.server = server;
        this.name = name;
    }

    /**
     * The server this database is on.
     *
     * @return the server
     */
    public PostgresServer server() {
        return server;
    }

    /**
     * The database's name.
     *
     * @return a name no other database of the server has
     */
    public String name() {
        return name;
    }

    /**
     * The database's address, without user and password.
     *
     * @return a JDBC URL
     */
    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    /**
     * The name of the role to connect as, a superuser.
     *
     * @return the role
     */
    public String username() {
        return server.username();
    }

    /**
     * The password of the role to connect as.
     *
     * @return the password that belongs to {@link #username()}
     */
    public String password() {
        return server.password();
    }

    /**
     * A plain source of connections: each request opens a new one, nothing is pooled.
     *
     * @return a new data source
     */
    public DataSource dataSource() {
        return server.dataSource(name);
    }

    /** Ends every session that is still connected and drops the database. A second call does nothing. */
    @Override
    public void close() {
        server.dropDatabase(name);
    }

    @Override
    public String toString() {
        return jdbcUrl();
    }
}
