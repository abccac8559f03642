package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Borrows a second connection while it holds one: with as many threads as connections, all wait for ever. */
@FaultComponent
final class SecondConnection implements Fault {

    private final DataSource dataSource;

    SecondConnection(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "second-connection";
    }

    @Override
    public String effect(Order order) {
        return "Borrows a second connection in " + order.count("thread that holds", "threads that hold") + " one, for "
                + order.seconds()
                + " s; as many threads as the pool has connections wait for each other until the connection timeout";
    }

    @Override
    public void act(Scene scene) throws SQLException, InterruptedException {
        try (Connection first = dataSource.getConnection();
                Statement statement = first.createStatement()) {
            statement.execute("select 'first connection'");
            scene.awaitTheOthers();
            borrowSecond(scene);
        }
    }

    private void borrowSecond(Scene scene) throws SQLException, InterruptedException {
        try (Connection second = dataSource.getConnection();
                Statement statement = second.createStatement()) {
            statement.execute("select 'second connection'");
            scene.awaitEnd();
        }
    }
}
