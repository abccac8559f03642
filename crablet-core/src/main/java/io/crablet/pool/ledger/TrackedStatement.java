package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A statement of a borrowed connection. */
abstract class TrackedStatement extends Tracked implements Statement {

    private static final Completion<TrackedStatement> PLAIN = Completion.of(TrackedStatement.class);

    /** Its results that the next execution, or the statement's end, closes. */
    private final Queue<TrackedResultSet> results = new ConcurrentLinkedQueue<>();

    /** The one of them that {@code getResultSet} returns; null if that has not been asked for. */
    private volatile @Nullable TrackedResultSet current;

    private final Statement statement;

    TrackedStatement(Object statement, Borrow borrow, Tracked connection) {
        super(statement, borrow, connection);
        this.statement = (Statement) statement;
    }

    static Statement of(Statement statement, Borrow borrow, TrackedConnection connection) {
        return PLAIN.make(statement, borrow, connection);
    }

    @Override
    public ResultSet executeQuery(String sql) throws SQLException {
        beginsToExecute();
        try {
            return result(statement.executeQuery(sql));
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToExecute();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public int executeUpdate(String sql) throws SQLException {
        beginsToExecute();
        try {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToExecute();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() throws SQLException {
        closeResults();
        if (borrow().loan().isTakenBack()) {
            return;
        }
        uses();
        try {
            statement.close();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            usage().called();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "getConnection" -> {
                pass(method, arguments);
                yield connection();
            }
            case "execute",
                    "executeQuery",
                    "executeUpdate",
                    "executeLargeUpdate",
                    "executeBatch",
                    "executeLargeBatch" -> execute(method, arguments);
            case "getMoreResults" -> moreResults(method, arguments);
            case "getResultSet" -> pass(method, arguments) instanceof ResultSet rows ? result(rows) : null;
            case "getGeneratedKeys" -> TrackedResultSet.of((ResultSet) required(method, arguments), borrow(), this);
            default -> value(pass(method, arguments));
        };
    }

    private @Nullable Object execute(Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().usedHere();
        closeResults();
        Object result = ask(method, arguments);
        return result instanceof ResultSet rows ? result(rows) : result;
    }

    /** Precedes a call that executes. */
    final void beginsToExecute() throws SQLException {
        borrow().usedHere();
        closeResults();
        uses();
        usage().statementBegins();
    }

    /** Follows it. */
    final void endsToExecute() {
        usage().called();
        usage().statementEnds();
    }

    /** A result set that belongs to the statement. */
    final ResultSet result(ResultSet rows) {
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
