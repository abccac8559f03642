package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;

/** Borrows a connection in a thread that ends, and gives it back from another when the time is over. */
@FaultComponent
final class DeadThread implements Fault {

    private static final Logger log = LoggerFactory.getLogger(DeadThread.class);

    private final DataSource dataSource;
    private final TaskScheduler scheduler;

    DeadThread(DataSource dataSource, TaskScheduler scheduler) {
        this.dataSource = dataSource;
        this.scheduler = scheduler;
    }

    @Override
    public String kind() {
        return "dead-thread";
    }

    @Override
    public String effect(Order order) {
        return order.count() + " threads borrow a connection and end; another thread returns it after "
                + order.seconds() + " s";
    }

    @Override
    public void act(Scene scene) throws SQLException {
        Connection connection = dataSource.getConnection();
        scheduler.schedule(() -> giveBack(connection), Instant.now().plus(scene.remaining()));
    }

    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.info("The connection of a dead thread could not be returned: {}", e.getMessage());
        }
    }
}
