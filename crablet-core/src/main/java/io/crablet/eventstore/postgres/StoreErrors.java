package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreInterruptedException;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.PermissionDeniedDataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;

/**
 * Says what an error of the database means for the store's caller, by its SQLState
 * (<a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Appendix A</a> of the PostgreSQL manual).
 */
final class StoreErrors {

    private static final SQLStateSQLExceptionTranslator FALLBACK = new SQLStateSQLExceptionTranslator();

    private StoreErrors() {}

    /** An error of a read, or of any other operation that changes nothing. */
    static DataAccessException ofRead(
            String task, SQLException e, QueryGuard.@Nullable Reason reason, Duration timeout) {
        if (reason == QueryGuard.Reason.TIMEOUT) {
            return readTimeout(task, timeout, e);
        }
        return reason == QueryGuard.Reason.INTERRUPT ? interrupted(task, e) : translate(task, e);
    }

    /** An error of an append. */
    static DataAccessException ofAppend(
            String task, SQLException e, QueryGuard.@Nullable Reason reason, Duration appendTimeout, Duration limit) {
        String state = state(e);
        boolean isLost = isConnectionLost(state);
        String outcome = isLost
                ? "; its connection is lost, so whether the events were appended is not known: read to find out"
                : "; nothing of it was written";
        if (reason == QueryGuard.Reason.TIMEOUT) {
            return new QueryTimeoutException(task + " took longer than " + limit + outcome, e);
        }
        if (reason == QueryGuard.Reason.INTERRUPT) {
            return new EventStoreInterruptedException(task + " was given up: its thread was interrupted" + outcome, e);
        }
        return switch (state) {
            case "23505", "40001" ->
                new ConcurrencyFailureException(
                        task
                                + " was refused: its transaction sees an old state of the log, as one at REPEATABLE READ or"
                                + " SERIALIZABLE does once another append has committed; retry the transaction",
                        e);
            case "55P03" ->
                new CannotAcquireLockException(
                        task + " waited longer than the append timeout of " + appendTimeout
                                + " for other appends; a transaction that has appended and stays open holds up all others",
                        e);
            // The message of these quotes the row or the text, which has no place in a log. So it ends here.
            case "22P02", "22P05", "23514", "54001" ->
                new DataIntegrityViolationException(task + " was refused by PostgreSQL (SQLState " + state
                        + "): it does not take the event's data or metadata for JSON");
            default ->
                isLost ? new DataAccessResourceFailureException(task + " failed" + outcome, e) : translate(task, e);
        };
    }

    static DataAccessException readTimeout(String task, Duration timeout, @Nullable Throwable cause) {
        return new QueryTimeoutException(
                task + " was ended: it took longer than its timeout of " + timeout
                        + "; read less at once, or set a longer timeout in ReadOptions",
                cause);
    }

    static DataAccessException interrupted(String task, @Nullable Throwable cause) {
        String message = task + " was given up: its thread was interrupted";
        return cause == null
                ? new EventStoreInterruptedException(message)
                : new EventStoreInterruptedException(message, cause);
    }

    private static DataAccessException translate(String task, SQLException e) {
        String state = state(e);
        return switch (state) {
            case "25006" ->
                new DataAccessResourceFailureException(
                        task
                                + " needs to write, but the database or the session is read-only; connect to the primary server,"
                                + " and look at default_transaction_read_only",
                        e);
            case "42501" ->
                new PermissionDeniedDataAccessException(
                        task + " is not allowed to the role of this connection; run crablet-grants.sql for it", e);
            case "3F000", "42P01", "42883" ->
                new InvalidDataAccessResourceUsageException(
                        task
                                + " found no event store in the database; run crablet-schema.sql, or check the schema's name",
                        e);
            default -> {
                DataAccessException known = FALLBACK.translate(task, null, e);
                yield known != null ? known : new UncategorizedSQLException(task, null, e);
            }
        };
    }

    /** Returns whether nobody can tell what has become of the last statement. */
    static boolean isConnectionLost(SQLException e) {
        return isConnectionLost(state(e));
    }

    private static boolean isConnectionLost(String sqlState) {
        return sqlState.startsWith("08") || sqlState.startsWith("57P");
    }

    /**
     * Returns the error of a transaction that commits by itself: the same if the server has refused it, and so has written nothing;
     * otherwise, as for an answer that could not be read, one whose state says that nobody knows.
     */
    static SQLException unknownUnlessRefused(SQLException e) {
        boolean isRefused = e instanceof PSQLException known && known.getServerErrorMessage() != null;
        return isRefused || isConnectionLost(state(e))
                ? e
                : new SQLException("what was sent may have been committed", "08007", e);
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }
}
