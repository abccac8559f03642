package io.crablet.benchmarks.ledger;

import java.lang.invoke.MethodHandle;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Properties;
import java.util.logging.Logger;

/** A driver without a database: what is measured with it is what is around it. */
public final class StubDriver implements Driver {

    static final String URL = "jdbc:stub://localhost:1/stub";

    private static final MethodHandle NEW = Stubs.constructor(StubConnection.class);

    static {
        try {
            DriverManager.registerDriver(new StubDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Created by itself. */
    public StubDriver() {}

    @Override
    public Connection connect(String url, Properties info) {
        try {
            return (StubConnection) NEW.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.equals(URL);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }
}
