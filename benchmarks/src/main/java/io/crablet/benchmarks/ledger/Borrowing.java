package io.crablet.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** What borrowing costs over a driver that costs nothing. For JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Borrowing {

    static final int ROWS = 1_000;

    /** As many frames are on the stack of whoever calls, without those that JMH itself has there. */
    private static final int FRAMES_OF_JMH = 13;

    /** Who lends. */
    @Param
    public Subject subject = Subject.HIKARI;

    /** How many frames are on the stack of whoever borrows. */
    @Param("15")
    public int frames;

    private HikariDataSource pool = new HikariDataSource();

    private Lending lending = Lending.of(pool::getConnection, pool::close);

    /** Created by JMH. */
    public Borrowing() {}

    /**
     * Opens the pool.
     *
     * @throws SQLException never
     */
    @Setup
    public void open() throws SQLException {
        pool.setDriverClassName(StubDriver.class.getName());
        pool.setJdbcUrl(StubDriver.URL);
        pool.setMaximumPoolSize(10);
        lending = subject.over(pool);
        lending.borrow().close();
    }

    /** Closes the pool. */
    @TearDown
    public void close() {
        lending.close();
        pool.close();
    }

    /**
     * Borrows and returns.
     *
     * @return the connection
     * @throws SQLException never
     */
    @Benchmark
    public Connection borrow() throws SQLException {
        try (Connection connection = at(frames - FRAMES_OF_JMH)) {
            return connection;
        }
    }

    /**
     * Borrows, reads a row of three columns and returns.
     *
     * @return what it has read
     * @throws SQLException never
     */
    @Benchmark
    public long query() throws SQLException {
        try (Connection connection = at(frames - FRAMES_OF_JMH);
                PreparedStatement statement = connection.prepareStatement("select")) {
            statement.setLong(1, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) + row.getInt(2) + row.getString(3).length();
            }
        }
    }

    /**
     * Reads rows of three columns; what is counted is one row.
     *
     * @param sink takes what is read
     * @throws SQLException never
     */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void read(Blackhole sink) throws SQLException {
        try (Connection connection = lending.borrow();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("1000")) {
            while (rows.next()) {
                sink.consume(rows.getLong(1));
                sink.consume(rows.getInt(2));
                sink.consume(rows.getString(3));
            }
        }
    }

    private Connection at(int frames) throws SQLException {
        return frames > 0 ? at(frames - 1) : lending.borrow();
    }
}
