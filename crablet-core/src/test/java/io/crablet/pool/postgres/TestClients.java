package io.crablet.pool.postgres;

import static org.awaitility.Awaitility.await;

import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/** Applications beside the watch, each a role and its connections. */
final class TestClients implements AutoCloseable {

    static final String PASSWORD = "secret";

    private final TestDatabase database;

    private final List<String> roles = new ArrayList<>();

    private final List<Client> clients = new ArrayList<>();

    TestClients(TestDatabase database) {
        this.database = database;
    }

    /** Creates a login role of this database's own. */
    String role(String name) {
        String role = name + "_" + database.name();
        execute("create role " + role + " login password '" + PASSWORD + "'");
        roles.add(role);
        return role;
    }

    Client connect(String role) {
        return connect(role, database.name());
    }

    Client connect(String role, String databaseName) {
        boolean superuser = role.equals(database.username());
        Client client =
                new Client(database.server().jdbcUrl(databaseName), role, superuser ? database.password() : PASSWORD);
        clients.add(client);
        return client;
    }

    DatabaseAddress address(String role) {
        return new DatabaseAddress(database.jdbcUrl(), role, PASSWORD, new Properties());
    }

    void execute(String sql) {
        execute(database.dataSource(), sql);
    }

    static void execute(DataSource source, String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    int query(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    boolean lives(int pid) {
        return query("select count(*) from pg_stat_activity where pid = " + pid) == 1;
    }

    @Override
    public void close() {
        for (Client client : clients) {
            client.close();
        }
        for (String role : roles) {
            execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = '" + role + "'");
            await().until(() -> query("select count(*) from pg_stat_activity where usename = '" + role + "'") == 0);
            execute("drop owned by " + role);
            execute("drop role " + role);
        }
    }

    /** One connection of an application. */
    static final class Client {

        private final Connection connection;

        private final int pid;

        private Client(String url, String role, String password) {
            try {
                this.connection = DriverManager.getConnection(url, role, password);
                this.pid = number("select pg_backend_pid()");
            } catch (SQLException e) {
                throw new IllegalStateException(role, e);
            }
        }

        int pid() {
            return pid;
        }

        Connection connection() {
            return connection;
        }

        Client run(String sql) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
                return this;
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }

        /** Begins a transaction, does something in it and leaves it open. */
        Client leaveOpen(String sql) {
            try {
                connection.setAutoCommit(false);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return run(sql);
        }

        /** Runs something that takes its time; the result is the SQLState it ended with, an empty one if it did well. */
        CompletableFuture<String> start(String sql) {
            CompletableFuture<String> end = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(sql);
                    end.complete("");
                } catch (SQLException e) {
                    end.complete(e.getSQLState());
                }
            });
            thread.setDaemon(true);
            thread.start();
            return end;
        }

        private int number(String sql) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return row.getInt(1);
            }
        }

        private void close() {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
