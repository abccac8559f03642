package io.crablet.pool.postgres;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ds.common.BaseDataSource;

/**
 * Opens connections as a data source would. One of the PostgreSQL driver is copied, so that the copy can have a time limit;
 * any other is used as it is, with whatever limits it has.
 */
public final class DataSourceCopy implements ConnectionSource {

    private final DataSource original;

    private final @Nullable String username;

    private final @Nullable String password;

    /**
     * Makes a source of connections.
     *
     * @param original the data source, which stays as it is
     * @param username the user, null for the data source's own
     * @param password the user's password
     */
    public DataSourceCopy(DataSource original, @Nullable String username, @Nullable String password) {
        this.original = original;
        this.username = username;
        this.password = password;
    }

    @Override
    public Connection open(Duration timeLimit) throws SQLException {
        if (original instanceof BaseDataSource postgres) {
            return DatabaseAddress.open(copyOf(postgres), timeLimit);
        }
        return username == null ? original.getConnection() : original.getConnection(username, password);
    }

    @Override
    public @Nullable ServerAddress address() {
        return original instanceof BaseDataSource postgres ? ServerAddress.of(postgres) : null;
    }

    private BaseDataSource copyOf(BaseDataSource postgres) throws SQLException {
        PGSimpleDataSource copy = new PGSimpleDataSource();
        try {
            copy.initializeFrom(postgres);
        } catch (IOException | ClassNotFoundException e) {
            throw new SQLException("The pool's data source cannot be copied: " + postgres.getClass(), e);
        }
        if (username != null) {
            copy.setUser(username);
            copy.setPassword(password);
        }
        return copy;
    }
}
