package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A result set of a borrowed connection. */
final class TrackedResultSet extends Tracked {

    private final Connection connection;

    /** The statement it came from; null if that was not the borrower's, but the driver's own for metadata. */
    private final @Nullable Statement statement;

    private final AtomicBoolean counted = new AtomicBoolean();

    TrackedResultSet(ResultSet rows, Borrow borrow, Connection connection, @Nullable Statement statement) {
        super(rows, borrow);
        this.connection = connection;
        this.statement = statement;
    }

    @Override
    @Nullable
    Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        return switch (method.getName()) {
            case "close" -> {
                closed();
                yield borrow().loan().isTakenBack() ? null : pass(method, arguments);
            }
            case "getStatement" -> statement((Statement) pass(method, arguments));
            case "next",
                    "previous",
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
            default -> value(connection, proxy, pass(method, arguments));
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
        if (own == null || statement != null) {
            return own == null ? null : statement;
        }
        return proxy(Statement.class, new TrackedStatement(own, borrow(), connection));
    }
}
