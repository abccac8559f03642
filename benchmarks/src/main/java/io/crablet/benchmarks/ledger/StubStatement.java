package io.crablet.benchmarks.ledger;

import java.lang.invoke.MethodHandle;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A statement that has its result already. */
abstract class StubStatement implements PreparedStatement {

    private static final MethodHandle NEW = Stubs.constructor(StubStatement.class);

    private final StubResultSet rows = StubResultSet.make();

    static Statement make() {
        try {
            return (StubStatement) NEW.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public ResultSet executeQuery() {
        return rows.again(1);
    }

    /** Its SQL is the number of rows. */
    @Override
    public ResultSet executeQuery(String sql) {
        return rows.again(Integer.parseInt(sql));
    }

    @Override
    public void setLong(int index, long value) {}

    @Override
    public boolean isClosed() {
        return false;
    }

    @Override
    public @Nullable SQLWarning getWarnings() {
        return null;
    }

    @Override
    public int getUpdateCount() {
        return -1;
    }

    @Override
    public void close() {}
}
