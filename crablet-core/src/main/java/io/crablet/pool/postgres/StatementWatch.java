package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.TopStatements;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a server now and then, behind a round that it has answered in good time, for the statements that took most of its time. What goes
 * wrong with that says nothing of whether the database answers. For one thread, except where it says so.
 */
final class StatementWatch {

    private static final Logger logger = LoggerFactory.getLogger(StatementWatch.class);

    /** A server that takes too long for the question is asked that much more rarely. */
    private static final int RARER = 10;

    private static final String TOO_SLOW = "The server takes too long to list its statements. "
            + "Lower pg_stat_statements.max, or set crablet.pool.server.top-statements-interval to 0.";

    private final String name;

    private final KeptConnection connection;

    private final JoinCheck join;

    private final ProbeSettings settings;

    private final InstantSource clock;

    private volatile @Nullable TopStatements known;

    private @Nullable Instant listed;

    private long due = System.nanoTime();

    StatementWatch(
            String name, KeptConnection connection, JoinCheck join, ProbeSettings settings, InstantSource clock) {
        this.name = name;
        this.connection = connection;
        this.join = join;
        this.settings = settings;
        this.clock = clock;
    }

    /** The same answer, with what is known of statements. From any thread. */
    DatabaseAnswer addTo(DatabaseAnswer answer) {
        TopStatements statements = known;
        return statements != null && answer instanceof Answered answered
                ? new Answered(
                        answered.since(),
                        answered.latency(),
                        answered.product(),
                        answered.version(),
                        answered.server(),
                        statements)
                : answer;
    }

    /** Whether it is time to ask, after a round. */
    boolean isDue(DatabaseAnswer last) {
        if (last instanceof Failed) {
            // What answers next may be another server.
            known = null;
            due = System.nanoTime();
        }
        return hasListedItsSessions(last) && !settings.topStatementsInterval().isZero() && System.nanoTime() - due >= 0;
    }

    /** Asks. Returns whether the connection is still good. */
    boolean ask() {
        try {
            TopStatements answer = connection.useIfOpen(this::ask);
            known = answer == null ? known : answer;
            return true;
        } catch (SQLException | RuntimeException | Error e) {
            logger.debug("The database of pool {} could not be asked for its statements", name, e);
            wait(RARER);
            return false;
        }
    }

    /** Not so where it was too slow for that, and the list is an old one. */
    private boolean hasListedItsSessions(DatabaseAnswer last) {
        Instant before = listed;
        listed = last instanceof Answered answered && answered.server() != null
                ? answered.server().takenAt()
                : null;
        return listed != null && !listed.equals(before);
    }

    private TopStatements ask(SideConnection open) throws SQLException {
        SessionIdentity watch = open.identity();
        SessionIdentity pool = join.pool(watch);
        if (pool == null) {
            // A connection to the pool's address is being opened: the next round may know more.
            return TopStatements.hidden(clock.instant(), "The pool's role is not known. " + join.whyNot(watch));
        }
        try {
            TopStatements answer = open.topStatements(pool, clock);
            wait(1);
            return answer;
        } catch (SQLException e) {
            if (DatabaseFailure.of(e) != DatabaseFailure.SLOW) {
                throw e;
            }
            logger.debug("The database of pool {} takes too long to list its statements", name, e);
            wait(RARER);
            TopStatements before = known;
            return before == null ? TopStatements.hidden(clock.instant(), TOO_SLOW) : before;
        }
    }

    private void wait(int intervals) {
        Duration pause = settings.topStatementsInterval().multipliedBy(intervals);
        due = System.nanoTime() + pause.toNanos();
    }
}
