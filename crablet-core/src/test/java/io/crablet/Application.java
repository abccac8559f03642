package io.crablet;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** An application's code, in a package that no ledger leaves out of the lines it shows. */
public final class Application {

    private Application() {}

    /** Borrows a connection for the caller. */
    public static Connection borrow(DataSource pool) throws SQLException {
        return pool.getConnection();
    }

    /** Borrows a connection, uses it and forgets to return it. */
    public static void forget(DataSource pool) throws SQLException {
        pool.getConnection().createStatement().execute("select 1");
    }
}
