package io.crablet.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What is left of the differences when a server has to answer. For JMH. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class SelectOne {

    /** Who lends. */
    @Param({"HIKARI", "HIKARI_LEAK_DETECTION", "CRABLET"})
    public Subject subject = Subject.HIKARI;

    /** Of the database. */
    @Param("")
    public String url = "";

    /** Whom to connect as. */
    @Param("")
    public String user = "";

    /** Of the user. */
    @Param("")
    public String password = "";

    private HikariDataSource pool = new HikariDataSource();

    private Lending lending = Lending.of(pool::getConnection, pool::close);

    /** Created by JMH. */
    public SelectOne() {}

    /** Opens the pool. */
    @Setup
    public void open() {
        pool.setJdbcUrl(url);
        pool.setUsername(user);
        pool.setPassword(password);
        pool.setMaximumPoolSize(8);
        lending = subject.over(pool);
    }

    /** Closes the pool. */
    @TearDown
    public void close() {
        lending.close();
        pool.close();
    }

    /**
     * Borrows, asks and returns.
     *
     * @return the answer
     * @throws SQLException when the server has none
     */
    @Benchmark
    public int select() throws SQLException {
        try (Connection connection = lending.borrow();
                PreparedStatement statement = connection.prepareStatement("SELECT 1");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
