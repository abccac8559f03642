package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A baseline: Crablet's tables, its function and its lock, but each caller sends its own append in a transaction of its own. */
final class OneTransactionEach implements Subject {

    static final String NAME = "one transaction each";

    private final Database database;
    private final Log log;
    private final HikariDataSource pool;
    private final BorrowedPeak borrowed;

    OneTransactionEach(Database database, Log log, int poolSize) throws SQLException {
        this.database = database;
        this.log = log;
        database.createCrablet(log);
        pool = database.pool(poolSize);
        borrowed = BorrowedPeak.of(pool);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long append(String entity, String other, long after) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select last_position from crablet_append(10000, array[1], array[?], array[array[?, ?]::text],
                            array[?], array[?], array[?], array[1], array['{}'], array[array[?]::text])
                        """)) {
            statement.setString(1, Payload.TYPE);
            statement.setString(2, entity);
            statement.setString(3, other);
            statement.setString(4, Payload.DATA);
            statement.setString(5, Payload.METADATA);
            statement.setLong(6, after);
            statement.setString(7, entity);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long position = row.getLong(1);
                return row.wasNull() ? REFUSED : position;
            }
        }
    }

    @Override
    public History read(String entity) {
        throw new UnsupportedOperationException("reads are the same as with the store");
    }

    @Override
    public int borrowedPeak() {
        return borrowed.reset();
    }

    @Override
    public void reset() throws SQLException {
        database.resetCrablet(log);
    }

    @Override
    public void close() {
        pool.close();
    }
}
