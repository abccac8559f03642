package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The connection that a borrower gets. */
final class TrackedConnection extends Tracked implements Borrowed {

    TrackedConnection(Connection lent, Borrow borrow) {
        super(lent, borrow);
    }

    @Override
    @Nullable
    Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "close" -> {
                borrow().giveBack();
                return null;
            }
            case "abort" -> {
                if (!(arguments[0] instanceof Executor executor)) {
                    return pass(method, arguments);
                }
                borrow().abort(connection -> connection.abort(executor));
                return null;
            }
            case "isValid" -> {
                return borrow().loan().connection() != null && Boolean.TRUE.equals(pass(method, arguments));
            }
            default -> {
                return use((Connection) proxy, method, arguments);
            }
        }
    }

    @Override
    boolean isOver() {
        return borrow().loan().connection() == null;
    }

    private @Nullable Object use(Connection proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().usedHere();
        // Many of these ask the server something, and may wait for it.
        usage().statementBegins();
        try {
            return switch (method.getName()) {
                case "createStatement" -> statement(Statement.class, proxy, method, arguments);
                case "prepareStatement" -> statement(PreparedStatement.class, proxy, method, arguments);
                case "prepareCall" -> statement(CallableStatement.class, proxy, method, arguments);
                case "getMetaData" ->
                    proxy(DatabaseMetaData.class, new TrackedMetaData(required(method, arguments), borrow(), proxy));
                case "setHoldability", "setTypeMap" -> {
                    // The pool does not put these back.
                    usage().changed();
                    yield pass(method, arguments);
                }
                default -> value(proxy, proxy, pass(method, arguments));
            };
        } finally {
            usage().statementEnds();
        }
    }

    private <T extends Statement> T statement(
            Class<T> type, Connection proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        Statement statement = (Statement) required(method, arguments);
        return proxy(type, new TrackedStatement(statement, borrow(), proxy));
    }
}
