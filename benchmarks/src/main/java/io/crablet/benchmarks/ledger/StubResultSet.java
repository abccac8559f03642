package io.crablet.benchmarks.ledger;

import java.lang.invoke.MethodHandle;
import java.sql.ResultSet;

/** A result of some rows that are all the same. */
abstract class StubResultSet implements ResultSet {

    private static final MethodHandle NEW = Stubs.constructor(StubResultSet.class);

    private int left;

    static StubResultSet make() {
        try {
            return (StubResultSet) NEW.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    StubResultSet again(int rows) {
        left = rows;
        return this;
    }

    @Override
    public boolean next() {
        return left-- > 0;
    }

    @Override
    public long getLong(int column) {
        return left;
    }

    @Override
    public int getInt(int column) {
        return column;
    }

    @Override
    public String getString(int column) {
        return "stub";
    }

    @Override
    public boolean isClosed() {
        return false;
    }

    @Override
    public void close() {}
}
