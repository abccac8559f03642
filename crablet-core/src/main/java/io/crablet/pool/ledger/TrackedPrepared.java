package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement of a borrowed connection: what is called for most executions costs no more than a call. The fence keeps the
 * connection from being found "leaked" while the last call of a method runs.
 */
abstract class TrackedPrepared extends TrackedStatement implements PreparedStatement {

    private static final Completion<TrackedPrepared> PREPARED = Completion.of(TrackedPrepared.class);

    /** Apart, as to generate a class takes time and few programs need this one. */
    private static final class Callable {
        static final Completion<TrackedPrepared> CALLABLE =
                Completion.of(TrackedPrepared.class, CallableStatement.class);
    }

    private final PreparedStatement statement;

    TrackedPrepared(Object statement, Borrow borrow, Tracked connection) {
        super(statement, borrow, connection);
        this.statement = (PreparedStatement) statement;
    }

    static PreparedStatement of(PreparedStatement statement, Borrow borrow, TrackedConnection connection) {
        return PREPARED.make(statement, borrow, connection);
    }

    static CallableStatement of(CallableStatement statement, Borrow borrow, TrackedConnection connection) {
        return (CallableStatement) (Statement) Callable.CALLABLE.make(statement, borrow, connection);
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        beginsToExecute();
        try {
            return result(statement.executeQuery());
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToExecute();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public int executeUpdate() throws SQLException {
        beginsToExecute();
        try {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToExecute();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean execute() throws SQLException {
        beginsToExecute();
        try {
            return statement.execute();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToExecute();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void addBatch() throws SQLException {
        uses();
        try {
            statement.addBatch();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setNull(int parameter, int type) throws SQLException {
        uses();
        try {
            statement.setNull(parameter, type);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setBoolean(int parameter, boolean value) throws SQLException {
        uses();
        try {
            statement.setBoolean(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setInt(int parameter, int value) throws SQLException {
        uses();
        try {
            statement.setInt(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setLong(int parameter, long value) throws SQLException {
        uses();
        try {
            statement.setLong(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setDouble(int parameter, double value) throws SQLException {
        uses();
        try {
            statement.setDouble(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setBigDecimal(int parameter, @Nullable BigDecimal value) throws SQLException {
        uses();
        try {
            statement.setBigDecimal(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setString(int parameter, @Nullable String value) throws SQLException {
        uses();
        try {
            statement.setString(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setBytes(int parameter, byte @Nullable [] value) throws SQLException {
        uses();
        try {
            statement.setBytes(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setTimestamp(int parameter, @Nullable Timestamp value) throws SQLException {
        uses();
        try {
            statement.setTimestamp(parameter, value);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void setArray(int parameter, @Nullable Array value) throws SQLException {
        uses();
        try {
            statement.setArray(parameter, (Array) TrackedDriverObject.behind(value));
        } finally {
            Reference.reachabilityFence(this);
            // It may lead to the connection that it came from.
            Reference.reachabilityFence(value);
        }
    }

    @Override
    public void setObject(int parameter, @Nullable Object value) throws SQLException {
        uses();
        try {
            statement.setObject(parameter, TrackedDriverObject.behind(value));
        } finally {
            Reference.reachabilityFence(this);
            // It may lead to the connection that it came from.
            Reference.reachabilityFence(value);
        }
    }
}
