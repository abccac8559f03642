package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of whether the database answers, from the last time it was asked outside the pool. */
public sealed interface DatabaseAnswer {

    /** Nobody has asked: there is no side connection, or it has only just been started. */
    record NotAsked() implements DatabaseAnswer {}

    /**
     * It answers.
     *
     * @param since when the first of the answers came that nothing has interrupted
     * @param latency how long the last one took, without the time to connect
     * @param product the database product's name
     * @param version the product's version
     * @param server the server's sessions; null where they cannot be seen
     */
    record Answered(
            Instant since,
            Duration latency,
            String product,
            String version,
            @Nullable ServerSnapshot server) implements DatabaseAnswer {}

    /**
     * It does not answer, or refuses the side connection.
     *
     * @param since when this was first noticed
     * @param failure the kind of failure
     * @param sqlState the SQLState, null where there was none
     * @param missed how many answers in a row have failed; a time limit that passes without one counts as one
     */
    record Failed(
            Instant since,
            DatabaseFailure failure,
            @Nullable String sqlState,
            int missed) implements DatabaseAnswer {

        /** What went wrong, with the SQLState where there is one. */
        String reason() {
            return sqlState == null ? failure.reason() : failure.reason() + ", SQLState " + sqlState;
        }
    }
}
