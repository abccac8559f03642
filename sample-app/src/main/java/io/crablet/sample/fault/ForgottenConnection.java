package io.crablet.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Borrows a connection and loses it. */
@FaultComponent
final class ForgottenConnection implements Fault {

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
        return order.count()
                + " connections are borrowed and forgotten. Nobody can return them: unless the pool takes them back,"
                + " they are lost until the application is restarted, whatever 'seconds' says";
    }

    @Override
    public void act(Scene scene) throws SQLException {
        Connection connection = dataSource.getConnection();
        connection.createStatement().execute("select 'forgotten'");
    }
}
