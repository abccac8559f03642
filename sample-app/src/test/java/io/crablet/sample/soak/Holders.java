package io.crablet.sample.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Those who hold a connection for a while by as little as they can, across garbage collections, and then go on with it. Each
 * checks that its work has succeeded: whose connection is taken away meanwhile fails.
 */
final class Holders {

    private static final int ROWS = 1_000;
    private static final int LONGEST_PAUSE_MILLIS = 400;
    private static final int MOST_EVENTS = 2_000;

    private final DataSource dataSource;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private final EventStore store;
    private final Tally tally;
    private final CountDownLatch end;

    Holders(DataSource dataSource, EventStore store, Tally tally, CountDownLatch end) {
        this.dataSource = dataSource;
        this.jdbc = new JdbcTemplate(dataSource);
        this.jdbc.setFetchSize(10);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.store = store;
        this.tally = tally;
        this.end = end;
    }

    void keepAResultSet() throws Exception {
        ResultSet rows = halfRead();
        pause();
        assertThat(readOn(rows, ROWS / 2)).isEqualTo(ROWS);
        returnVia(rows.getStatement());
        tally.count("keep nothing but a result set");
    }

    void keepAStatement() throws Exception {
        PreparedStatement statement = prepared();
        pause();
        assertThat(readOn(statement.executeQuery(), 0)).isEqualTo(ROWS);
        returnVia(statement);
        tally.count("keep nothing but a statement");
    }

    void keepAStream() throws Exception {
        try (Stream<Integer> rows = numbers()) {
            Iterator<Integer> iterator = rows.iterator();
            int read = 0;
            while (iterator.hasNext()) {
                assertThat(iterator.next()).isEqualTo(++read);
                if (read == ROWS / 2) {
                    pause();
                }
            }
            assertThat(read).isEqualTo(ROWS);
        }
        tally.count("keep nothing but a queryForStream");
    }

    void keepATransaction() {
        String note = "kept " + Thread.currentThread().getName() + " " + System.nanoTime();
        transaction.executeWithoutResult(status -> {
            jdbc.update("insert into soak_note values (?)", note);
            pause();
            assertThat(notes(note)).isEqualTo(1);
        });
        assertThat(notes(note)).isEqualTo(1);
        tally.count("keep a transaction bound to the thread");
    }

    void readACursorStream() {
        long head = Math.min(store.head(), MOST_EVENTS);
        ReadOptions options = ReadOptions.defaults().withUntil(head);
        long read = 0;
        try (Stream<SequencedEvent> events = store.stream(Query.all(), options, StreamMode.CURSOR)) {
            Iterator<SequencedEvent> iterator = events.iterator();
            while (iterator.hasNext()) {
                assertThat(iterator.next().position()).isEqualTo(++read);
                if (read == head / 2) {
                    pause();
                }
            }
        }
        assertThat(read).isEqualTo(head);
        tally.count("read a cursor stream to its end");
    }

    /** The thread that has borrowed it ends; another one uses and returns it. */
    void handOver() throws Exception {
        FutureTask<PreparedStatement> handed = new FutureTask<>(this::prepared);
        Thread borrower = new Thread(handed);
        borrower.start();
        borrower.join();
        PreparedStatement statement = handed.get();
        pause();
        assertThat(readOn(statement.executeQuery(), 0)).isEqualTo(ROWS);
        returnVia(statement);
        tally.count("use the connection of a thread that has ended");
    }

    private ResultSet halfRead() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        Statement statement = connection.createStatement();
        statement.setFetchSize(10);
        ResultSet rows = statement.executeQuery("select generate_series(1, " + ROWS + ")");
        for (int i = 1; i <= ROWS / 2; i++) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(i);
        }
        return rows;
    }

    private PreparedStatement prepared() throws SQLException {
        Connection connection = dataSource.getConnection();
        assertThatItIsClean(connection);
        PreparedStatement statement = connection.prepareStatement("select generate_series(1, ?)");
        statement.setInt(1, ROWS);
        return statement;
    }

    private Stream<Integer> numbers() {
        return jdbc.queryForStream("select generate_series(1, " + ROWS + ")", (row, index) -> row.getInt(1));
    }

    /** Whoever had it before has left nothing behind. */
    private static void assertThatItIsClean(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_setting('lock_timeout'),"
                        + " (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'),"
                        + " pg_current_xact_id_if_assigned()")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).as("lock_timeout").isEqualTo("0");
            assertThat(row.getInt(2)).as("advisory locks").isZero();
            assertThat(row.getString(3)).as("transaction").isNull();
        }
    }

    private static int readOn(ResultSet rows, int from) throws SQLException {
        int read = from;
        while (rows.next()) {
            assertThat(rows.getInt(1)).isEqualTo(++read);
        }
        return read;
    }

    private static void returnVia(Statement statement) throws SQLException {
        Connection connection = statement.getConnection();
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        connection.close();
    }

    private int notes(String note) {
        Integer count = jdbc.queryForObject("select count(*) from soak_note where note = ?", Integer.class, note);
        return count == null ? 0 : count;
    }

    private void pause() {
        try {
            end.await(ThreadLocalRandom.current().nextInt(LONGEST_PAUSE_MILLIS), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
