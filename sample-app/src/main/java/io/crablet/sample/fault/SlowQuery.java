package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Runs a query that takes long. */
@FaultComponent
final class SlowQuery implements Fault {

    private final DataSource dataSource;

    SlowQuery(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "slow-query";
    }

    @Override
    public String effect(Order order) {
        return "Runs " + order.count("query", "queries") + " for " + order.seconds() + " s";
    }

    @Override
    public void act(Scene scene) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement("select pg_sleep(?)")) {
            statement.setDouble(1, Math.max(0, scene.remaining().toMillis() / 1_000.0));
            statement.execute();
        }
    }
}
