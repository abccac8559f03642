package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The connection that a borrower gets. */
abstract class TrackedConnection extends Tracked implements Connection, Borrowed {

    private static final Completion<TrackedConnection> COMPLETION = Completion.of(TrackedConnection.class);

    private final Connection lent;

    TrackedConnection(Object lent, Borrow borrow, @Nullable Tracked nothing) {
        super(lent, borrow, nothing);
        this.lent = (Connection) lent;
    }

    static TrackedConnection of(Connection lent, Borrow borrow) {
        return COMPLETION.make(lent, borrow, null);
    }

    @Override
    final TrackedConnection connection() {
        return this;
    }

    @Override
    public void close() throws SQLException {
        try {
            borrow().giveBack();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        borrow().usedHere();
        uses();
        try {
            return TrackedPrepared.of(lent.prepareStatement(sql), borrow(), this);
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
        switch (method.getName()) {
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
                return use(method, arguments);
            }
        }
    }

    @Override
    boolean isOver() {
        return borrow().loan().connection() == null;
    }

    private @Nullable Object use(Method method, @Nullable Object[] arguments) throws Throwable {
        borrow().usedHere();
        return switch (method.getName()) {
            case "createStatement" -> TrackedStatement.of((Statement) required(method, arguments), borrow(), this);
            case "prepareStatement" ->
                TrackedPrepared.of((PreparedStatement) required(method, arguments), borrow(), this);
            case "prepareCall" -> TrackedPrepared.of((CallableStatement) required(method, arguments), borrow(), this);
            case "getMetaData" -> TrackedMetaData.of(required(method, arguments), borrow(), this);
            case "setHoldability", "setTypeMap" -> {
                // The pool does not put these back.
                usage().changed();
                yield ask(method, arguments);
            }
            // Many of these ask the server something, and may wait for it.
            default -> value(ask(method, arguments));
        };
    }
}
