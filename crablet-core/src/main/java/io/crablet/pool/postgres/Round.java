package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.ServerSnapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the database once, and logs when it fails in a new way and when it answers again. */
final class Round {

    private static final Logger logger = LoggerFactory.getLogger(Round.class);

    private final String name;

    private final KeptConnection connection;

    private final JoinCheck join;

    private final Duration timeLimit;

    private final InstantSource clock;

    Round(String name, KeptConnection connection, JoinCheck join, Duration timeLimit, InstantSource clock) {
        this.name = name;
        this.connection = connection;
        this.join = join;
        this.timeLimit = timeLimit;
        this.clock = clock;
    }

    DatabaseAnswer ask(DatabaseAnswer last) {
        long start = System.nanoTime();
        ServerSnapshot seen = last instanceof Answered before ? before.server() : null;
        try {
            Answered answered = connection.use(open -> askOn(open, seen));
            if (last instanceof Failed) {
                logger.info("The database of pool {} answers the watch again", name);
            }
            return last instanceof Answered before
                    ? new Answered(
                            before.since(),
                            answered.latency(),
                            answered.product(),
                            answered.version(),
                            answered.server())
                    : answered;
        } catch (SQLException | RuntimeException e) {
            logger.debug("The database of pool {} did not answer", name, e);
            SQLException failure = e instanceof SQLException sql ? sql : new SQLException(e);
            Failed failed = failed(last, DatabaseFailure.of(failure), failure.getSQLState(), start);
            if (isNew(failed, last)) {
                logger.warn(
                        "The database of pool {} does not answer the watch: {}, SQLState {}. {}",
                        name,
                        failed.failure().reason(),
                        failed.sqlState(),
                        failed.failure().advice());
            }
            return failed;
        } catch (Error e) {
            // No memory, or no thread, for one question must not be the end of all.
            Failed failed = failed(last, DatabaseFailure.OTHER, null, start);
            if (isNew(failed, last)) {
                logger.warn("The database of pool {} could not be asked; trying again", name, e);
            }
            return failed;
        }
    }

    private Failed failed(DatabaseAnswer last, DatabaseFailure failure, @Nullable String sqlState, long start) {
        Instant since = last instanceof Failed before ? before.since() : clock.instant();
        Duration passed = Duration.ofNanos(System.nanoTime() - start);
        return new Failed(since, failure, sqlState, missed(last, passed, timeLimit));
    }

    /** How many answers have been missed in a row when there is still none after some time. */
    static int missed(DatabaseAnswer last, Duration passed, Duration timeLimit) {
        int before = last instanceof Failed failed ? failed.missed() : 0;
        return before + Math.max(1, (int) passed.dividedBy(timeLimit));
    }

    private Answered askOn(SideConnection open, @Nullable ServerSnapshot seen) throws SQLException {
        long start = System.nanoTime();
        ServerSnapshot server = open.ask(join, seen, clock);
        Duration latency = Duration.ofNanos(System.nanoTime() - start);
        return new Answered(clock.instant(), latency, open.product(), open.version(), server);
    }

    /** Who is stopped cuts its own connection: that is no news. */
    private boolean isNew(Failed failed, DatabaseAnswer last) {
        boolean known = last instanceof Failed before && before.failure() == failed.failure();
        return !known && !connection.isClosed();
    }
}
