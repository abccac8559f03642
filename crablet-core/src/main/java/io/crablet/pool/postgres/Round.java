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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the database once, and logs when it fails in a new way and when it answers again. */
final class Round {

    private static final Logger logger = LoggerFactory.getLogger(Round.class);

    private final String name;

    private final KeptConnection connection;

    private final JoinCheck join;

    private final InstantSource clock;

    Round(String name, KeptConnection connection, JoinCheck join, InstantSource clock) {
        this.name = name;
        this.connection = connection;
        this.join = join;
        this.clock = clock;
    }

    DatabaseAnswer ask(DatabaseAnswer last) {
        try {
            Answered answered = connection.use(this::askOn);
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
            Instant since = last instanceof Failed before ? before.since() : clock.instant();
            Failed failed = new Failed(since, DatabaseFailure.of(failure), failure.getSQLState());
            tellIfNew(failed, last);
            return failed;
        }
    }

    private Answered askOn(SideConnection open) throws SQLException {
        long start = System.nanoTime();
        ServerSnapshot server = open.ask(join, clock);
        Duration latency = Duration.ofNanos(System.nanoTime() - start);
        return new Answered(clock.instant(), latency, open.product(), open.version(), server);
    }

    private void tellIfNew(Failed failed, DatabaseAnswer last) {
        boolean known = last instanceof Failed before && before.failure() == failed.failure();
        // Who is stopped cuts its own connection.
        if (!known && !connection.isClosed()) {
            logger.warn(
                    "The database of pool {} does not answer the watch: {}, SQLState {}. {}",
                    name,
                    failed.failure().reason(),
                    failed.sqlState(),
                    failed.failure().advice());
        }
    }
}
