package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the server's last answer says of a borrowed connection, as far as it can be believed.
 *
 * @param session the connection's session; null if there is no evidence
 * @param age how long ago the server was asked
 * @param missing why there is no evidence; empty if there is
 */
record Evidence(@Nullable ServerSession session, Duration age, String missing) {

    /**
     * Joins a borrow to its session.
     *
     * @param borrow the connection
     * @param now the moment at which it was as it is described
     * @param server the server's answer
     * @param limits how old it may be
     */
    static Evidence of(BorrowedConnection borrow, Instant now, @Nullable ServerSnapshot server, VerdictLimits limits) {
        if (server == null) {
            return missing("the server is not watched, or has not answered");
        }
        if (!server.joinable()) {
            String why = server.whyNotJoinable();
            return missing("its session on the server cannot be told" + (why == null ? "" : ": " + why));
        }
        if (borrow.backendPid() == 0) {
            return missing("the driver does not tell which of the server's processes serves it");
        }
        Duration age = Duration.between(server.takenAt(), now);
        if (age.isNegative()) {
            // What was seen may belong to whoever borrowed it next.
            return missing("the server was asked after the pool");
        }
        if (age.compareTo(limits.staleAfter()) > 0) {
            return missing("the server's last answer is " + Words.time(age) + " old");
        }
        if (!isBorrowedFor(borrow, age)) {
            return missing("the server has not been asked since it was borrowed");
        }
        if (!borrow.usedUnseen() && !isUnchangedFor(borrow, age)) {
            return missing("the server has not been asked since it was last used");
        }
        ServerSession session = server.sessions().get(borrow.backendPid());
        if (session == null) {
            return missing("its backend " + borrow.backendPid()
                    + " is not among the sessions of this database: somebody may have ended it");
        }
        return session.state() == null
                ? missing("the watch's role may not see what backend " + borrow.backendPid()
                        + " does; GRANT pg_read_all_stats to it")
                : new Evidence(session, age, "");
    }

    /** For how long the session has been in its state by now: nothing that the borrower did has changed it since. */
    Duration inState() {
        return session == null || session.inState() == null
                ? Duration.ZERO
                : session.inState().plus(age);
    }

    /** The reason becomes the end of a sentence. */
    private static Evidence missing(String why) {
        String reason = why.endsWith(".") ? why.substring(0, why.length() - 1) : why;
        return new Evidence(null, Duration.ZERO, reason);
    }

    /** Whether somebody has had it for so long. By the time it was held, as the wall clock may have been set since. */
    static boolean isBorrowedFor(BorrowedConnection borrow, Duration age) {
        return borrow.held().compareTo(age) >= 0;
    }

    /** Whether it has done the same thing for so long, a statement or nothing. */
    static boolean isUnchangedFor(BorrowedConnection borrow, Duration age) {
        Duration unchanged = borrow.executing() == null ? borrow.idle() : borrow.executing();
        return unchanged.compareTo(age) >= 0;
    }
}
