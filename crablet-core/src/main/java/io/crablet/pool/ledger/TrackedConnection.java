package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The connection that a borrower gets. */
final class TrackedConnection extends Tracked {

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
                Executor executor = (Executor) Objects.requireNonNull(arguments[0], "executor");
                borrow().abort(connection -> connection.abort(executor));
                return null;
            }
            case "isClosed" -> {
                return borrow().isTakenBack() || Boolean.TRUE.equals(pass(method, arguments));
            }
            case "isValid" -> {
                return !borrow().isTakenBack() && Boolean.TRUE.equals(pass(method, arguments));
            }
            default -> {
                return use((Connection) proxy, method, arguments);
            }
        }
    }

    private @Nullable Object use(Connection proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().nameIfUnnamed();
        usage().used();
        return switch (method.getName()) {
            case "createStatement" -> statement(Statement.class, proxy, method, arguments);
            case "prepareStatement" -> statement(PreparedStatement.class, proxy, method, arguments);
            case "prepareCall" -> statement(CallableStatement.class, proxy, method, arguments);
            case "getMetaData" ->
                proxy(DatabaseMetaData.class, new TrackedMetaData(required(method, arguments), borrow(), proxy));
            // These ask the server something, and may wait for it.
            case "commit", "rollback", "setSavepoint", "releaseSavepoint" -> executing(method, arguments);
            default -> TrackedResultSet.value(pass(method, arguments), borrow());
        };
    }

    private <T extends Statement> T statement(
            Class<T> type, Connection proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        Statement statement = (Statement) required(method, arguments);
        return proxy(type, new TrackedStatement(statement, borrow(), proxy));
    }

    private @Nullable Object executing(Method method, @Nullable Object[] arguments) throws Throwable {
        usage().statementBegins();
        try {
            return pass(method, arguments);
        } finally {
            usage().statementEnds();
        }
    }
}
