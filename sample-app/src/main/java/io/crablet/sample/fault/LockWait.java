package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Holds a lock that others wait for. */
@FaultComponent
final class LockWait implements Fault {

    private final DataSource dataSource;

    LockWait(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "lock-wait";
    }

    @Override
    public String effect(Order order) {
        return "Holds an advisory lock in a transaction for " + order.seconds() + " s, while "
                + order.count("other waits", "others wait") + " for it";
    }

    @Override
    public int threads(Order order) {
        return order.count() + 1;
    }

    @Override
    public void act(Scene scene) throws SQLException, InterruptedException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            if (scene.isFirst()) {
                lock(statement);
                scene.awaitTheOthers();
                scene.awaitEnd();
            } else {
                scene.awaitTheOthers();
                lock(statement);
            }
            connection.rollback();
        }
    }

    private static void lock(Statement statement) throws SQLException {
        statement.execute("select pg_advisory_xact_lock(hashtext('crablet sample: lock-wait'))");
    }
}
