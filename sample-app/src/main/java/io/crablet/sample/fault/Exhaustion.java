package io.crablet.sample.fault;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** Uses every connection of the pool for long, as too large a load does, while others wait for one. */
@FaultComponent
final class Exhaustion implements Fault {

    private static final Duration BETWEEN_STATEMENTS = Duration.ofMillis(250);

    private final DataSource dataSource;
    private final HikariDataSource pool;

    Exhaustion(DataSource dataSource) throws SQLException {
        this.dataSource = dataSource;
        this.pool = dataSource.unwrap(HikariDataSource.class);
    }

    @Override
    public String kind() {
        return "exhaustion";
    }

    @Override
    public String effect(Order order) {
        return "Uses all " + pool.getMaximumPoolSize() + " connections of the pool for " + order.seconds()
                + " s, while " + order.count("more caller waits", "more callers wait") + " for one";
    }

    @Override
    public int threads(Order order) {
        return pool.getMaximumPoolSize() + order.count();
    }

    @Override
    public void act(Scene scene) throws SQLException, InterruptedException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            while (scene.goesOn()) {
                statement.execute("select 1");
                scene.pause(BETWEEN_STATEMENTS);
            }
        }
    }
}
