package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import java.time.InstantSource;
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

    private final ProbeSettings settings;

    private final InstantSource clock;

    private volatile @Nullable ProbeRun run;

    /**
     * Makes a probe that does nothing yet.
     *
     * @param name the pool's name, for thread and logs
     * @param source opens the side connection
     * @param settings how to ask
     * @param clock says what time it is
     */
    public DatabaseProbe(String name, ConnectionSource source, ProbeSettings settings, InstantSource clock) {
        this.name = name;
        this.source = source;
        this.settings = settings;
        this.clock = clock;
    }

    /** Asks for the first time, and from then on at the interval, unless it does already. */
    public synchronized void start() {
        if (run == null) {
            run = new ProbeRun(name, source, settings, clock);
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
}
