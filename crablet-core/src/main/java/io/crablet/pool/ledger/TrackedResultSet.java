package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A result set of a borrowed connection. */
abstract class TrackedResultSet extends TrackedRows {

    private static final Completion<TrackedResultSet> COMPLETION = Completion.of(TrackedResultSet.class);

    private final ResultSet rows;

    private final AtomicBoolean counted = new AtomicBoolean();

    TrackedResultSet(Object rows, Borrow borrow, Tracked origin) {
        super(rows, borrow, origin);
        this.rows = (ResultSet) rows;
    }

    /**
     * Tracks a result set.
     *
     * @param origin the statement it came from, or the connection if that was not the borrower's, but the driver's own
     */
    static TrackedResultSet of(ResultSet rows, Borrow borrow, Tracked origin) {
        return COMPLETION.make(rows, borrow, origin);
    }

    @Override
    public void close() throws SQLException {
        closed();
        if (borrow().loan().isTakenBack()) {
            return;
        }
        beginsToWait();
        try {
            rows.close();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToWait();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "getStatement" -> statement((Statement) pass(method, arguments));
            case "previous",
                    "first",
                    "last",
                    "absolute",
                    "relative",
                    "beforeFirst",
                    "afterLast",
                    "refreshRow",
                    "insertRow",
                    "updateRow",
                    "deleteRow" -> ask(method, arguments);
            default -> value(pass(method, arguments));
        };
    }

    /** Makes it one of the connection's open results, until it is closed. */
    void counts() {
        counted.set(true);
        usage().resultOpened();
    }

    void closed() {
        if (counted.getAndSet(false)) {
            usage().resultClosed();
        }
    }

    private @Nullable Statement statement(@Nullable Statement own) {
        if (own == null) {
            return null;
        }
        return origin() instanceof Statement borrowers ? borrowers : TrackedStatement.of(own, borrow(), connection());
    }
}
