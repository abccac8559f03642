package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a database again and again whether it answers, through one connection of its own outside the pool, in a daemon
 * thread. Whoever wants to know gets the last answer at once, also while the pool is exhausted or the network swallows
 * everything. Thread-safe.
 */
public final class DatabaseProbe implements AutoCloseable {

    /** What the side connection is called in {@code pg_stat_activity}. */
    public static final String APPLICATION_NAME = "crablet-watch";

    private final String name;

    private final ConnectionSource source;

    private final @Nullable ConnectionSource poolAddress;

    private final ProbeSettings settings;

    private final InstantSource clock;

    private volatile @Nullable ProbeRun run;

    /**
     * Makes a probe that does nothing yet, and that asks where the pool connects to.
     *
     * @param name the pool's name, for thread and logs
     * @param source opens the side connection
     * @param settings how to ask
     * @param clock says what time it is
     */
    public DatabaseProbe(String name, ConnectionSource source, ProbeSettings settings, InstantSource clock) {
        this(name, source, null, settings, clock);
    }

    /**
     * Makes a probe that does nothing yet.
     *
     * @param name the pool's name, for thread and logs
     * @param source opens the side connection
     * @param poolAddress opens connections to where the pool connects to, if that is another address: now and then one is
     *     compared with the side connection, to know whether the pool's sessions are among those that the probe sees; null if
     *     it is the same
     * @param settings how to ask
     * @param clock says what time it is
     */
    public DatabaseProbe(
            String name,
            ConnectionSource source,
            @Nullable ConnectionSource poolAddress,
            ProbeSettings settings,
            InstantSource clock) {
        this.name = name;
        this.source = source;
        this.poolAddress = poolAddress;
        this.settings = settings;
        this.clock = clock;
    }

    /** Asks for the first time, and from then on at the interval, unless it does already. */
    public synchronized void start() {
        if (run == null) {
            run = new ProbeRun(name, source, poolAddress, settings, clock);
        }
    }

    /** Stops asking and closes the side connection. The probe can be started again. */
    @Override
    public synchronized void close() {
        ProbeRun running = run;
        if (running != null) {
            running.stop();
            run = null;
        }
    }

    /**
     * Whether the database answers. Comes at once, except that it waits for the very first answer, no longer than the time
     * limit.
     *
     * @return what is known now
     */
    public DatabaseAnswer answer() {
        ProbeRun running = run;
        return running == null ? new DatabaseAnswer.NotAsked() : running.answer();
    }

    /**
     * Whether the database answers now. Asks it unless it was asked within the last second, and waits for the answer, no longer
     * than the time limit. All callers wait for the same answer, and none where the last one is overdue.
     *
     * @return what is known then, which is the last answer where there is no new one in time
     */
    public DatabaseAnswer refresh() {
        return refresh(settings.timeLimit());
    }

    /**
     * The same for somebody who has less time.
     *
     * @param patience how long to wait; no longer than the time limit
     * @return what is known then, which is the last answer where there is no new one in time
     */
    public DatabaseAnswer refresh(Duration patience) {
        ProbeRun running = run;
        return running == null ? new DatabaseAnswer.NotAsked() : running.fresh(patience);
    }

    /**
     * Tells a session of the probe's database to cancel the statement that it runs. Refused for sessions of the watch, of other
     * databases, of superusers, and of what is not a client. A server gives the number of a process that has ended to another
     * one, so the number should be fresh.
     *
     * @param pid the server's process
     * @return what came of it
     * @throws SQLException if the server does not answer within the time limit, or refuses for another reason
     * @throws IllegalStateException if the probe has not been started
     */
    public SessionSignal cancel(int pid) throws SQLException {
        return running().signal(open -> open.signals().cancel(pid));
    }

    /**
     * Tells a session of the probe's database to end; its transaction is rolled back. Refused as for {@link #cancel}.
     *
     * @param pid the server's process; see {@link #cancel}
     * @return what came of it
     * @throws SQLException if the server does not answer within the time limit, or refuses for another reason
     * @throws IllegalStateException if the probe has not been started
     */
    public SessionSignal terminate(int pid) throws SQLException {
        return running().signal(open -> open.signals().terminate(pid));
    }

    /**
     * Tells the sessions of the probe's database to end that have been idle in a transaction for some time. Refused for each as for
     * {@link #cancel}. Sessions that the probe's role may not look into are not found.
     *
     * @param olderThan for how long at least; not negative
     * @return what came of it for each that was found, the longest idle first
     * @throws SQLException if the server does not answer within the time limit, or refuses for another reason
     * @throws IllegalStateException if the probe has not been started
     */
    public List<SessionSignal> terminateIdleInTransaction(Duration olderThan) throws SQLException {
        if (olderThan.isNegative()) {
            throw new IllegalArgumentException("olderThan is " + olderThan + "; it must not be negative");
        }
        return running().signal(open -> open.signals().terminateIdleInTransaction(olderThan));
    }

    private ProbeRun running() {
        ProbeRun running = run;
        if (running == null) {
            throw new IllegalStateException("The watch of pool " + name + " is not running");
        }
        return running;
    }
}
