package io.crablet.eventstore.postgres;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whose failure that of a batch is. What the others have asked for was not written, so they can be sent again. */
enum BatchFailure {

    /** Each of them would have failed, or nobody knows what was written. */
    OF_ALL,

    /** Somebody was interrupted, so the batch was cancelled. */
    OF_THE_INTERRUPTED,

    /** The lock was not to be had in time for those who had waited longest. */
    OF_THE_LATE,

    /** The server has refused something that one of them may have asked for. */
    OF_ONE;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /**
     * The classes of what an append itself can bring about: data, integrity, program limits. See
     * <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Appendix A</a> of the PostgreSQL manual.
     */
    private static final Set<String> CLASSES_OF_ONE = Set.of("22", "23", "54");

    /**
     * Tells whose failure it is.
     *
     * @param reason why the store has ended the batch; null if it has not
     */
    static BatchFailure of(SQLException e, QueryGuard.@Nullable Reason reason) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (StoreErrors.isConnectionLost(state) || reason == QueryGuard.Reason.TIMEOUT) {
            return OF_ALL;
        }
        if (reason == QueryGuard.Reason.INTERRUPT) {
            return OF_THE_INTERRUPTED;
        }
        if (state.equals(LOCK_NOT_AVAILABLE)) {
            return OF_THE_LATE;
        }
        return state.length() == 5 && CLASSES_OF_ONE.contains(state.substring(0, 2)) ? OF_ONE : OF_ALL;
    }
}
