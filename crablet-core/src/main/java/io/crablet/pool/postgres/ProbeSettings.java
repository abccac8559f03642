package io.crablet.pool.postgres;

import java.time.Duration;

/**
 * How a database is asked outside the pool.
 *
 * @param interval time from an answer to the next question
 * @param timeLimit time after which no answer counts as failure
 * @param longQuery how long a query has to run to count as long-running
 * @param idleInTransaction how long a session has to be idle in a transaction to be counted
 * @param topStatementsInterval time after which the server is asked again for the statements that took most time; zero for never
 */
public record ProbeSettings(
        Duration interval,
        Duration timeLimit,
        Duration longQuery,
        Duration idleInTransaction,
        Duration topStatementsInterval) {

    private static final Duration TOP_STATEMENTS_INTERVAL = Duration.ofSeconds(30);

    private static final Duration SESSIONS_LIMIT = Duration.ofSeconds(15);

    /** Every 5 s, 2 s for an answer, 30 s for both thresholds and between two questions for statements. */
    public static final ProbeSettings DEFAULTS = new ProbeSettings(
            Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(30));

    /**
     * Checks the settings.
     *
     * @param interval longer than nothing
     * @param timeLimit longer than nothing
     * @param longQuery longer than nothing
     * @param idleInTransaction longer than nothing
     * @param topStatementsInterval not negative
     */
    public ProbeSettings {
        requirePositive("interval", interval);
        requirePositive("timeLimit", timeLimit);
        requirePositive("longQuery", longQuery);
        requirePositive("idleInTransaction", idleInTransaction);
        if (topStatementsInterval.isNegative()) {
            throw new IllegalArgumentException(
                    "topStatementsInterval is " + topStatementsInterval + "; it must not be negative");
        }
    }

    /**
     * The same with the default for statements.
     *
     * @param interval longer than nothing
     * @param timeLimit longer than nothing
     * @param longQuery longer than nothing
     * @param idleInTransaction longer than nothing
     */
    public ProbeSettings(Duration interval, Duration timeLimit, Duration longQuery, Duration idleInTransaction) {
        this(interval, timeLimit, longQuery, idleInTransaction, TOP_STATEMENTS_INTERVAL);
    }

    /** How old the list of sessions may get while the server takes too long to make a new one. */
    Duration sessionsLimit() {
        Duration rounds = interval.multipliedBy(3);
        return rounds.compareTo(SESSIONS_LIMIT) > 0 ? rounds : SESSIONS_LIMIT;
    }

    /** Half of it, so that a server which is slow at a large question has time for a small one. */
    int largeQuestionSeconds() {
        return Math.max(1, timeLimitSeconds() / 2);
    }

    /** For what is bounded in whole seconds only. */
    int timeLimitSeconds() {
        return (int) Math.max(1, timeLimit.toSeconds());
    }

    private static void requirePositive(String what, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(what + " is " + duration + "; it must be more than nothing");
        }
    }
}
