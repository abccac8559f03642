package io.crablet.pool.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Opens connections that belong to no pool. */
@FunctionalInterface
public interface ConnectionSource {

    /**
     * Opens a connection.
     *
     * @param timeLimit how long that may take; a source that cannot bound it may take longer
     * @return a new connection, which the caller closes
     * @throws SQLException if none can be opened
     */
    Connection open(Duration timeLimit) throws SQLException;

    /**
     * Where its connections go. Opens none.
     *
     * @return the address; null if it is not known
     */
    default @Nullable ServerAddress address() {
        return null;
    }
}
