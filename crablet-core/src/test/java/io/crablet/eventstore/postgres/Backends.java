package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the server, and the pool, say of an application's connections. */
final class Backends {

    /** Less than the default read timeout of 30 s, which would end what was forgotten by itself. */
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TestDatabase database;
    private final String role;
    private final HikariDataSource pool;

    Backends(TestLog log, HikariDataSource pool) {
        this.database = log.database();
        this.role = log.role();
        this.pool = pool;
    }

    private List<String> query(String sql, String user) {
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, user);
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Returns those which run a query or are in a transaction. */
    private List<String> busy() {
        return query("select state || ': ' || query from pg_stat_activity where usename = ? and state <> 'idle'", role);
    }

    /** Waits until as many queries of the application wait for a lock. */
    void awaitWaitingForLock(int count) {
        awaitWaitingForLock(role, count);
    }

    /** Waits until a query of the log's owner waits for a lock. */
    void awaitOwnerWaitingForLock() {
        awaitWaitingForLock(database.username(), 1);
    }

    private void awaitWaitingForLock(String user, int count) {
        String sql =
                "select query from pg_stat_activity where usename = ? and wait_event_type = 'Lock' and datname = current_database()";
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(query(sql, user)).hasSize(count));
    }

    /** Asserts that soon no query of the application runs on the server any more. */
    void assertNoQueryRuns() {
        await().atMost(SOON).untilAsserted(() -> assertThat(busy()).isEmpty());
    }

    /** Asserts that the pool has all connections back, and the server no open transaction. */
    void assertNothingHeld() {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                    .as("connections borrowed from the pool")
                    .isZero();
            assertThat(busy()).isEmpty();
        });
    }

    /** Asserts that the pool has all connections back at this very moment. */
    void assertNoneBorrowed() {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    void assertBorrowed(int count) {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(count);
    }

    /** Ends all backends of the application, as if the database had gone. */
    void terminate() {
        assertThat(query("select pg_terminate_backend(pid)::text from pg_stat_activity where usename = ?", role))
                .isNotEmpty();
    }

    /** Ends the backend that waits for a lock. */
    void terminateWaiting() {
        String sql = "select pg_terminate_backend(pid)::text from pg_stat_activity"
                + " where usename = ? and wait_event_type = 'Lock'";
        assertThat(query(sql, role)).hasSize(1);
    }
}
