package io.crablet.pool;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import org.jspecify.annotations.Nullable;

/** Why the database did not answer as asked. Told by SQLState. */
public enum DatabaseFailure {

    /** No answer came in time. */
    TIMEOUT("no answer in time", false, "Check the network and the server's load."),

    /** There is no connection: refused, cut, or no route to the host. */
    CONNECTION("no connection", false, "Check that the server runs and can be reached from here."),

    /** The server is starting, stopping or recovering. */
    NOT_ACCEPTING("the server starts or stops", false, "Wait for it, or read the server's log."),

    /** The server was asked to give up a question that took it too long, and did. */
    SLOW("the server is slow to answer", true, "Check the server's load, or raise crablet.pool.server.timeout."),

    /** The server has no slot for another connection. */
    NO_SLOT("the server has no free connection", true, "Lower the pools that use it, or raise its max_connections."),

    /** The server does not accept the user or the password. */
    LOGIN("the server refuses the login", true, "Check user and password, and pg_hba.conf."),

    /** The server answered with another error. */
    OTHER("the server answers with an error", true, "Look the SQLState up and read the server's log.");

    private final String reason;

    private final boolean serverAnswered;

    private final String advice;

    DatabaseFailure(String reason, boolean serverAnswered, String advice) {
        this.reason = reason;
        this.serverAnswered = serverAnswered;
        this.advice = advice;
    }

    /**
     * What went wrong.
     *
     * @return a few words for health details and logs; no secrets
     */
    public String reason() {
        return reason;
    }

    /**
     * Whether there is a server at the other end, which has only refused this connection.
     *
     * @return true if the server answered
     */
    public boolean serverAnswered() {
        return serverAnswered;
    }

    /**
     * What to do next.
     *
     * @return a sentence for health details and logs
     */
    public String advice() {
        return advice;
    }

    /**
     * Tells the kind of a failure.
     *
     * @param failure what the driver threw
     * @return the kind
     */
    public static DatabaseFailure of(SQLException failure) {
        if (failure instanceof SQLTimeoutException || causedBySocketTimeout(failure)) {
            return TIMEOUT;
        }
        return of(failure.getSQLState());
    }

    private static DatabaseFailure of(@Nullable String sqlState) {
        // Of the class 08 the protocol violation is what a server says, or a PgBouncer in place of one.
        if (sqlState == null || sqlState.startsWith("08") && !sqlState.equals("08P01")) {
            return CONNECTION;
        }
        if (sqlState.equals("57014")) {
            return SLOW;
        }
        if (sqlState.startsWith("57P")) {
            return NOT_ACCEPTING;
        }
        if (sqlState.equals("53300")) {
            return NO_SLOT;
        }
        return sqlState.startsWith("28") ? LOGIN : OTHER;
    }

    private static boolean causedBySocketTimeout(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
