package io.crablet.benchmarks.ledger;

import java.lang.invoke.MethodHandle;
import java.sql.DatabaseMetaData;

/** Says what wrappers ask of a new connection. */
abstract class StubMetaData implements DatabaseMetaData {

    private static final MethodHandle NEW = Stubs.constructor(StubMetaData.class);

    static DatabaseMetaData make() {
        try {
            return (StubMetaData) NEW.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String getURL() {
        return StubDriver.URL;
    }

    @Override
    public String getUserName() {
        return "stub";
    }

    @Override
    public String getDatabaseProductName() {
        return "stub";
    }
}
