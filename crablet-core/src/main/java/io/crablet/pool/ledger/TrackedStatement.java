package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** A statement of a borrowed connection. */
final class TrackedStatement extends Tracked {

    private final Connection connection;

    /** The result that the next execution, or the statement's end, closes. */
    private @Nullable TrackedResultSet current;

    TrackedStatement(Statement statement, Borrow borrow, Connection connection) {
        super(statement, borrow);
        this.connection = connection;
    }

    @Override
    @Nullable
    Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "getConnection" -> {
                pass(method, arguments);
                yield connection;
            }
            case "close" -> {
                closeResult();
                yield borrow().isTakenBack() ? null : pass(method, arguments);
            }
            case "execute",
                    "executeQuery",
                    "executeUpdate",
                    "executeLargeUpdate",
                    "executeBatch",
                    "executeLargeBatch" -> execute((Statement) proxy, method, arguments);
            case "getResultSet" -> result((Statement) proxy, pass(method, arguments));
            case "getGeneratedKeys" -> generatedKeys((Statement) proxy, required(method, arguments));
            default -> TrackedResultSet.value(pass(method, arguments), borrow());
        };
    }

    private @Nullable Object execute(Statement proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().nameIfUnnamed();
        closeResult();
        usage().statementBegins();
        try {
            return result(proxy, pass(method, arguments));
        } finally {
            usage().statementEnds();
        }
    }

    /** A result set that belongs to the statement; anything else as it is. */
    private @Nullable Object result(Statement proxy, @Nullable Object result) {
        if (!(result instanceof ResultSet rows)) {
            return result;
        }
        closeResult();
        TrackedResultSet tracked = new TrackedResultSet(rows, borrow(), connection, proxy);
        tracked.counts();
        current = tracked;
        return proxy(ResultSet.class, tracked);
    }

    private ResultSet generatedKeys(Statement proxy, Object keys) {
        return proxy(ResultSet.class, new TrackedResultSet((ResultSet) keys, borrow(), connection, proxy));
    }

    private void closeResult() {
        TrackedResultSet result = current;
        current = null;
        if (result != null) {
            result.closed();
        }
    }
}
