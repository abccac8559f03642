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
     * @param statements the statements of the pool's role; null where nobody has asked for them
     */
    record Answered(
            Instant since,
            Duration latency,
            String product,
            String version,
            @Nullable ServerSnapshot server,
            @Nullable TopStatements statements)
            implements DatabaseAnswer {

        /**
         * An answer without statements.
         *
         * @param since since when it has answered
         * @param latency how long the last answer took
         * @param product the product's name
         * @param version its version
         * @param server the server's sessions
         */
        public Answered(
                Instant since, Duration latency, String product, String version, @Nullable ServerSnapshot server) {
            this(since, latency, product, version, server, null);
        }
    }

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
