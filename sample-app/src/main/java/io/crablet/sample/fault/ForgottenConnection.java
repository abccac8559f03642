package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** Borrows a connection and loses it. */
@FaultComponent
final class ForgottenConnection implements Fault {

    private static final Duration UNTIL_COLLECTION = Duration.ofSeconds(3);

    private final DataSource dataSource;

    ForgottenConnection(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public String kind() {
        return "forgotten-connection";
    }

    @Override
    public String effect(Order order) {
        return "Borrows and forgets " + order.count("connection", "connections")
                + ". Nobody can return what is forgotten; the pool takes it back as soon as a garbage collection has shown that,"
                + " here after " + UNTIL_COLLECTION.toSeconds() + " s, whatever 'seconds' says";
    }

    @Override
    public void act(Scene scene) throws SQLException, InterruptedException {
        borrowAndForget();
        scene.pause(UNTIL_COLLECTION);
        if (scene.isFirst()) {
            // An application with nothing to do may not need a collection for minutes; a busy one has its own.
            System.gc();
        }
    }

    private void borrowAndForget() throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.createStatement().execute("select 'forgotten'");
    }
}
