package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Borrows a connection in a thread that ends, and gives it back from another when the time is over. */
@FaultComponent
final class DeadThread implements Fault {

    private static final Logger log = LoggerFactory.getLogger(DeadThread.class);

    private final DataSource dataSource;

    DeadThread(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "dead-thread";
    }

    @Override
    public String effect(Order order) {
        return "Borrows a connection in " + order.count("thread that ends", "threads that end")
                + "; another thread returns it after " + order.seconds() + " s";
    }

    @Override
    public void act(Scene scene) throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.createStatement().execute("select 'dead thread'");
        // In a thread of its own: the application's are perhaps all waiting for a connection then.
        Executor later = CompletableFuture.delayedExecutor(
                scene.remaining().toNanos(), TimeUnit.NANOSECONDS, task -> new Thread(task, "give-back").start());
        later.execute(() -> giveBack(connection));
    }

    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.info("The connection of a dead thread could not be returned: {}", e.getMessage());
        }
    }
}
