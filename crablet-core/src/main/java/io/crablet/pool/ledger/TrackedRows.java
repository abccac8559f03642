package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of a result set: what is called for each row and each column, and so must cost next to nothing. The fence keeps the
 * connection from being found "leaked" while the last call of a method runs.
 */
abstract class TrackedRows extends Tracked implements ResultSet {

    private final ResultSet rows;

    TrackedRows(Object rows, Borrow borrow, Tracked origin) {
        super(rows, borrow, origin);
        this.rows = (ResultSet) rows;
    }

    @Override
    public boolean next() throws SQLException {
        beginsToWait();
        try {
            return rows.next();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToWait();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean wasNull() throws SQLException {
        uses();
        try {
            return rows.wasNull();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable String getString(int column) throws SQLException {
        uses();
        try {
            return rows.getString(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean getBoolean(int column) throws SQLException {
        uses();
        try {
            return rows.getBoolean(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public int getInt(int column) throws SQLException {
        uses();
        try {
            return rows.getInt(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long getLong(int column) throws SQLException {
        uses();
        try {
            return rows.getLong(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public double getDouble(int column) throws SQLException {
        uses();
        try {
            return rows.getDouble(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable BigDecimal getBigDecimal(int column) throws SQLException {
        uses();
        try {
            return rows.getBigDecimal(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public byte @Nullable [] getBytes(int column) throws SQLException {
        uses();
        try {
            return rows.getBytes(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Timestamp getTimestamp(int column) throws SQLException {
        uses();
        try {
            return rows.getTimestamp(column);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Array getArray(int column) throws SQLException {
        uses();
        try {
            return (Array) value(rows.getArray(column));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Object getObject(int column) throws SQLException {
        uses();
        try {
            return value(rows.getObject(column));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable String getString(String label) throws SQLException {
        uses();
        try {
            return rows.getString(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean getBoolean(String label) throws SQLException {
        uses();
        try {
            return rows.getBoolean(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public int getInt(String label) throws SQLException {
        uses();
        try {
            return rows.getInt(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public long getLong(String label) throws SQLException {
        uses();
        try {
            return rows.getLong(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public double getDouble(String label) throws SQLException {
        uses();
        try {
            return rows.getDouble(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable BigDecimal getBigDecimal(String label) throws SQLException {
        uses();
        try {
            return rows.getBigDecimal(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public byte @Nullable [] getBytes(String label) throws SQLException {
        uses();
        try {
            return rows.getBytes(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Timestamp getTimestamp(String label) throws SQLException {
        uses();
        try {
            return rows.getTimestamp(label);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Array getArray(String label) throws SQLException {
        uses();
        try {
            return (Array) value(rows.getArray(label));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public @Nullable Object getObject(String label) throws SQLException {
        uses();
        try {
            return value(rows.getObject(label));
        } finally {
            Reference.reachabilityFence(this);
        }
    }
}
