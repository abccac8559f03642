package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseAnswer.NotAsked;
import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.ServerSnapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A probe from its start to its stop, with what it has found out. */
final class ProbeRun {

    private static final Logger logger = LoggerFactory.getLogger(ProbeRun.class);

    /** While there is no answer it asks more often, to notice the end of it soon. */
    private static final Duration INTERVAL_OF_FAILURE = Duration.ofSeconds(1);

    /**
     * How far it has come.
     *
     * @param last the last answer
     * @param asking since when the next one is awaited, null while nobody asks
     */
    private record Progress(DatabaseAnswer last, @Nullable Instant asking) {}

    private final String name;

    private final ConnectionSource source;

    private final ProbeSettings settings;

    private final InstantSource clock;

    private final ScheduledExecutorService thread;

    private final CountDownLatch firstAnswer = new CountDownLatch(1);

    private volatile Progress progress;

    private volatile @Nullable SideConnection connection;

    ProbeRun(String name, ConnectionSource source, ProbeSettings settings, InstantSource clock) {
        this.name = name;
        this.source = source;
        this.settings = settings;
        this.clock = clock;
        this.progress = new Progress(new NotAsked(), clock.instant());
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "crablet-watch-" + name);
            daemon.setDaemon(true);
            return daemon;
        });
        thread.execute(this::ask);
    }

    DatabaseAnswer answer() {
        awaitFirstAnswer();
        Progress seen = progress;
        Instant asking = seen.asking();
        if (asking != null && !(seen.last() instanceof Failed) && millisLeft(asking) <= 0) {
            return new Failed(asking, DatabaseFailure.TIMEOUT, null);
        }
        return seen.last();
    }

    void stop() {
        thread.shutdownNow();
        SideConnection open = connection;
        if (open != null) {
            if (progress.asking() == null) {
                open.close();
            } else {
                open.abort();
            }
        }
    }

    private void awaitFirstAnswer() {
        Progress seen = progress;
        Instant asking = seen.asking();
        if (seen.last() instanceof NotAsked && asking != null) {
            try {
                firstAnswer.await(millisLeft(asking), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private long millisLeft(Instant asking) {
        return settings.timeLimit()
                .minus(Duration.between(asking, clock.instant()))
                .toMillis();
    }

    private void ask() {
        DatabaseAnswer last = progress.last();
        if (!(last instanceof NotAsked)) {
            progress = new Progress(last, clock.instant());
        }
        DatabaseAnswer next = next(last);
        progress = new Progress(next, null);
        firstAnswer.countDown();
        askAgain(next);
    }

    private void askAgain(DatabaseAnswer answer) {
        Duration interval = settings.interval();
        if (answer instanceof Failed failed && soonOver(failed) && interval.compareTo(INTERVAL_OF_FAILURE) > 0) {
            interval = INTERVAL_OF_FAILURE;
        }
        try {
            thread.schedule(this::ask, interval.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            logger.debug("The probe of pool {} has been stopped", name);
        }
    }

    /** Only somebody can mend a login, and servers may lock out a role that tries too often. */
    private static boolean soonOver(Failed failed) {
        return failed.failure() != DatabaseFailure.LOGIN;
    }

    private DatabaseAnswer next(DatabaseAnswer last) {
        try {
            Answered answered = askOnOpenOrNewConnection();
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

    private void tellIfNew(Failed failed, DatabaseAnswer last) {
        boolean known = last instanceof Failed before && before.failure() == failed.failure();
        // Who is stopped cuts its own connection.
        if (!known && !thread.isShutdown()) {
            logger.warn(
                    "The database of pool {} does not answer the watch: {}, SQLState {}. {}",
                    name,
                    failed.failure().reason(),
                    failed.sqlState(),
                    failed.failure().advice());
        }
    }

    private Answered askOnOpenOrNewConnection() throws SQLException {
        SideConnection open = connection;
        if (open != null) {
            try {
                return askOn(open);
            } catch (SQLException e) {
                // It may be the connection's fault only: an operator or a firewall may have ended it.
                logger.debug("The side connection of pool {} has failed; trying a new one", name, e);
            }
        }
        SideConnection opened = new SideConnection(source, settings);
        connection = opened;
        if (thread.isShutdown()) {
            opened.close();
        }
        return askOn(opened);
    }

    private Answered askOn(SideConnection open) throws SQLException {
        long start = System.nanoTime();
        try {
            Instant at = clock.instant();
            ServerSnapshot server = open.ask(at);
            Duration latency = Duration.ofNanos(System.nanoTime() - start);
            return new Answered(clock.instant(), latency, open.product(), open.version(), server);
        } catch (SQLException | RuntimeException e) {
            connection = null;
            open.abort();
            throw e;
        }
    }
}
