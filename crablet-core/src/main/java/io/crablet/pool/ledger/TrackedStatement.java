package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A statement of a borrowed connection. */
abstract class TrackedStatement extends Tracked implements Statement {

    private static final Completion<TrackedStatement> PLAIN = Completion.of(TrackedStatement.class);

    private static final Completion<TrackedStatement> PREPARED =
            Completion.of(TrackedStatement.class, PreparedStatement.class);

    /** Apart, as to generate a class takes time and few programs need this one. */
    private static final class Callable {
        static final Completion<TrackedStatement> CALLABLE =
                Completion.of(TrackedStatement.class, CallableStatement.class);
    }

    /** Its results that the next execution, or the statement's end, closes. */
    private final Queue<TrackedResultSet> results = new ConcurrentLinkedQueue<>();

    /** The one of them that {@code getResultSet} returns; null if that has not been asked for. */
    private volatile @Nullable TrackedResultSet current;

    TrackedStatement(Object statement, Borrow borrow, Tracked connection) {
        super(statement, borrow, connection);
    }

    static Statement of(Statement statement, Borrow borrow, TrackedConnection connection) {
        return PLAIN.make(statement, borrow, connection);
    }

    static PreparedStatement of(PreparedStatement statement, Borrow borrow, TrackedConnection connection) {
        return (PreparedStatement) (Statement) PREPARED.make(statement, borrow, connection);
    }

    static CallableStatement of(CallableStatement statement, Borrow borrow, TrackedConnection connection) {
        return (CallableStatement) (Statement) Callable.CALLABLE.make(statement, borrow, connection);
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "getConnection" -> {
                pass(method, arguments);
                yield connection();
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
                    "executeLargeBatch" -> execute(method, arguments);
            case "getMoreResults" -> moreResults(method, arguments);
            case "getResultSet" -> result(pass(method, arguments));
            case "getGeneratedKeys" -> TrackedResultSet.of((ResultSet) required(method, arguments), borrow(), this);
            default -> value(pass(method, arguments));
        };
    }

    private @Nullable Object execute(Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().usedHere();
        closeResults();
        return result(ask(method, arguments));
    }

    /** A result set that belongs to the statement; anything else as it is. */
    private @Nullable Object result(@Nullable Object result) {
        if (!(result instanceof ResultSet rows)) {
            return result;
        }
        TrackedResultSet known = current;
        if (known != null) {
            return known;
        }
        TrackedResultSet tracked = TrackedResultSet.of(rows, borrow(), this);
        tracked.counts();
        results.add(tracked);
        current = tracked;
        return tracked;
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
