package io.crablet.pool;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a pool's role that took most of the server's time in the pool's database, from {@code pg_stat_statements}.
 *
 * @param takenAt when the server was asked
 * @param since since when it has recorded; null if it does not tell
 * @param statements at most {@link #MAX_LISTED}, those that took most time first
 * @param hint why they cannot be seen and what to do about it; null if they can
 */
public record TopStatements(
        Instant takenAt,
        @Nullable Instant since,
        List<TopStatement> statements,
        @Nullable String hint) {

    /** The most statements. */
    public static final int MAX_LISTED = 10;

    /**
     * Copies the list.
     *
     * @param takenAt the moment
     * @param since the beginning
     * @param statements the statements
     * @param hint why there are none
     */
    public TopStatements {
        statements = List.copyOf(statements);
    }

    /**
     * Statements that cannot be seen.
     *
     * @param takenAt when that was found out
     * @param hint why, and what to do about it
     * @return no statements
     */
    public static TopStatements hidden(Instant takenAt, String hint) {
        return new TopStatements(takenAt, null, List.of(), hint);
    }
}
