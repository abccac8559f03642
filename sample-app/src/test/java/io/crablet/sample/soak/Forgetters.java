package io.crablet.sample.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.StreamMode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Those who borrow a connection and lose it, in every state in which one can be lost. */
final class Forgetters {

    private static final Duration LONGER_THAN_A_COLLECTION_TAKES = Duration.ofSeconds(20);

    private final DataSource dataSource;
    private final JdbcTemplate jdbc;
    private final EventStore store;
    private final Tally tally;

    Forgetters(DataSource dataSource, EventStore store, Tally tally) {
        this.dataSource = dataSource;
        this.jdbc = new JdbcTemplate(dataSource);
        this.store = store;
        this.tally = tally;
    }

    void forgetAConnection() throws SQLException {
        dataSource.getConnection();
        tally.count("forget a connection");
    }

    void forgetAResultSet() throws SQLException {
        ResultSet rows = dataSource.getConnection().createStatement().executeQuery("select generate_series(1, 1000)");
        assertThat(rows.next()).isTrue();
        tally.count("forget a result set");
    }

    /** What nobody has committed must not be there at the end. */
    void forgetATransaction() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        connection.createStatement().executeUpdate("insert into soak_note values ('forgotten')");
        tally.count("forget a transaction");
    }

    /** Must not come to the next borrower like that. */
    void forgetAChangedSession() throws SQLException {
        Statement statement = dataSource.getConnection().createStatement();
        statement.execute("set lock_timeout = '1234ms'");
        statement.execute("select pg_advisory_lock(0, pg_backend_pid())");
        tally.count("forget a changed session");
    }

    void forgetAQueryForStream() {
        assertThat(jdbc.queryForStream("select generate_series(1, 1000)", (row, index) -> row.getInt(1))
                        .iterator()
                        .next())
                .isEqualTo(1);
        tally.count("forget a queryForStream");
    }

    void forgetACursorStream() {
        ReadOptions options = ReadOptions.defaults().withTimeout(LONGER_THAN_A_COLLECTION_TAKES);
        assertThat(store.stream(Query.all(), options, StreamMode.CURSOR)
                        .iterator()
                        .next())
                .isNotNull();
        tally.count("forget a cursor stream");
    }

    void endAThreadWithItsConnection() throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                dataSource.getConnection().createStatement().execute("select 1");
                tally.count("forget in a thread that ends");
            } catch (SQLException e) {
                tally.failed("a thread that ends", e);
            }
        });
        thread.start();
        thread.join();
    }
}
