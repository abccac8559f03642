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

    /** The server has refused something, and one of them may be the reason. */
    OF_ONE;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /**
     * The classes of what is the same for all: read-only, no rights, no schema, an old snapshot, a system error. See
     * <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Appendix A</a> of the PostgreSQL manual.
     */
    private static final Set<String> CLASSES_OF_ALL = Set.of("25", "28", "3D", "3F", "40", "42", "58");

    private static final String DISK_FULL = "53100";

    /**
     * Tells whose failure it is.
     *
     * @param reason why the store has ended the batch; null if it has not
     */
    static BatchFailure of(SQLException e, QueryGuard.@Nullable Reason reason) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (StoreErrors.isConnectionLost(e) || reason == QueryGuard.Reason.TIMEOUT) {
            return OF_ALL;
        }
        if (reason == QueryGuard.Reason.INTERRUPT) {
            return OF_THE_INTERRUPTED;
        }
        if (state.equals(LOCK_NOT_AVAILABLE)) {
            return OF_THE_LATE;
        }
        return state.length() != 5 || state.equals(DISK_FULL) || CLASSES_OF_ALL.contains(state.substring(0, 2))
                ? OF_ALL
                : OF_ONE;
    }
}
