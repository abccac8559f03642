package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A statement of a borrowed connection. */
final class TrackedStatement extends Tracked {

    private final Connection connection;

    /** Its results that the next execution, or the statement's end, closes. */
    private final Queue<TrackedResultSet> results = new ConcurrentLinkedQueue<>();

    /** The one of them that {@code getResultSet} returns; null if that has not been asked for. */
    private volatile @Nullable TrackedResultSet current;

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
                closeResults();
                yield borrow().loan().isTakenBack() ? null : pass(method, arguments);
            }
            case "execute",
                    "executeQuery",
                    "executeUpdate",
                    "executeLargeUpdate",
                    "executeBatch",
                    "executeLargeBatch" -> execute((Statement) proxy, method, arguments);
            case "getMoreResults" -> moreResults(method, arguments);
            case "getResultSet" -> result((Statement) proxy, pass(method, arguments));
            case "getGeneratedKeys" -> generatedKeys((Statement) proxy, required(method, arguments));
            default -> value(connection, proxy, pass(method, arguments));
        };
    }

    private @Nullable Object execute(Statement proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().usedHere();
        closeResults();
        return result(proxy, ask(method, arguments));
    }

    /** A result set that belongs to the statement; anything else as it is. */
    private @Nullable Object result(Statement proxy, @Nullable Object result) {
        if (!(result instanceof ResultSet rows)) {
            return result;
        }
        TrackedResultSet known = current;
        if (known != null) {
            return proxy(ResultSet.class, known);
        }
        TrackedResultSet tracked = new TrackedResultSet(rows, borrow(), connection, proxy);
        tracked.counts();
        results.add(tracked);
        current = tracked;
        return proxy(ResultSet.class, tracked);
    }

    private ResultSet generatedKeys(Statement proxy, Object keys) {
        return proxy(ResultSet.class, new TrackedResultSet((ResultSet) keys, borrow(), connection, proxy));
    }

    private @Nullable Object moreResults(Method method, @Nullable Object[] arguments) throws Throwable {
        Object more = ask(method, arguments);
        TrackedResultSet before = current;
        current = null;
        if (arguments.length == 1 && Objects.equals(arguments[0], Statement.CLOSE_ALL_RESULTS)) {
            closeResults();
        } else if (before != null
                && (arguments.length == 0 || !Objects.equals(arguments[0], Statement.KEEP_CURRENT_RESULT))) {
            before.closed();
        }
        return more;
    }

    private void closeResults() {
        current = null;
        for (TrackedResultSet result = results.poll(); result != null; result = results.poll()) {
            result.closed();
        }
    }
}
