package io.crablet.pool.postgres;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a probe's side connection from one question to the next, and opens another when it has failed. For one thread. */
final class KeptConnection {

    private static final Logger logger = LoggerFactory.getLogger(KeptConnection.class);

    private final String name;

    private final ConnectionSource source;

    private final ProbeSettings settings;

    private volatile @Nullable SideConnection connection;

    private volatile boolean closed;

    /**
     * What is done with the connection.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    interface Use<T> {

        T on(SideConnection open) throws SQLException;
    }

    KeptConnection(String name, ConnectionSource source, ProbeSettings settings) {
        this.name = name;
        this.source = source;
        this.settings = settings;
    }

    /** Tries on the connection that is open, and if that fails, on a new one. */
    <T> T use(Use<T> use) throws SQLException {
        SideConnection open = connection;
        if (open != null) {
            try {
                return use(open, use);
            } catch (SQLException e) {
                // It may be the connection's fault only: an operator or a firewall may have ended it.
                logger.debug("The side connection of pool {} has failed; trying a new one", name, e);
            }
        }
        return use(open(), use);
    }

    /** For what must not be done twice: tries once, on the connection that is open if it is still good, or else on a new one. */
    <T> T useOnce(Use<T> use) throws SQLException {
        SideConnection open = connection;
        if (open != null && !open.isValid()) {
            connection = null;
            open.abort();
            open = null;
        }
        if (open == null) {
            open = open();
        }
        return once(open, use);
    }

    /** For what can be left undone: tries once, on the connection that is open. Null if none is. */
    <T> @Nullable T useIfOpen(Use<T> use) throws SQLException {
        SideConnection open = connection;
        return open == null ? null : once(open, use);
    }

    private <T> T once(SideConnection open, Use<T> use) throws SQLException {
        try {
            return use.on(open);
        } catch (SQLException e) {
            if (isConnectionsFault(e)) {
                connection = null;
                open.abort();
            }
            throw e;
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes it for good, from any thread. What is in use is not waited for. */
    void close(boolean inUse) {
        closed = true;
        SideConnection open = connection;
        if (open != null) {
            if (inUse) {
                open.abort();
            } else {
                open.close();
            }
        }
    }

    private SideConnection open() throws SQLException {
        SideConnection opened = new SideConnection(source, settings);
        connection = opened;
        if (closed) {
            opened.close();
        }
        return opened;
    }

    /** It has broken, has been ended, or did not answer in time, so that an answer may still be on its way. */
    private static boolean isConnectionsFault(SQLException e) {
        String state = e.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57");
    }

    private <T> T use(SideConnection open, Use<T> use) throws SQLException {
        try {
            return use.on(open);
        } catch (SQLException | RuntimeException | Error e) {
            connection = null;
            open.abort();
            throw e;
        }
    }
}
