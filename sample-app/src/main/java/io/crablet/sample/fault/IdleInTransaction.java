package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Begins a transaction and does other work before it ends it. */
@FaultComponent
final class IdleInTransaction implements Fault {

    private final DataSource dataSource;

    IdleInTransaction(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "idle-in-transaction";
    }

    @Override
    public String effect(Order order) {
        return "Leaves " + order.count("transaction", "transactions") + " idle for " + order.seconds()
                + " s, until a rollback";
    }

    @Override
    public void act(Scene scene) throws SQLException, InterruptedException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select txid_current()");
            scene.awaitEnd();
            connection.rollback();
        }
    }
}
