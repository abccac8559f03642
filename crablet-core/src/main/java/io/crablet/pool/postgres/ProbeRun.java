package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseAnswer.NotAsked;
import io.crablet.pool.DatabaseFailure;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A probe from its start to its stop, with what it has found out. */
final class ProbeRun {

    private static final Logger logger = LoggerFactory.getLogger(ProbeRun.class);

    /** While there is no answer it asks more often, to notice the end of it soon. */
    private static final Duration INTERVAL_OF_FAILURE = Duration.ofSeconds(1);

    /** Who wants a fresh answer is content with one of this age: the server is asked no more often than that. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /**
     * How far it has come.
     *
     * @param last the last answer
     * @param nanos when it came
     * @param asking since when the next one is awaited, null while nobody asks
     * @param ended released when the next answer has come
     */
    private record Progress(
            DatabaseAnswer last, long nanos, @Nullable Moment asking, CountDownLatch ended) {}

    /** The time to show, and the time to measure with, which goes on evenly when somebody sets the clock. */
    private record Moment(Instant shown, long nanos) {

        static Moment now(InstantSource clock) {
            return new Moment(clock.instant(), System.nanoTime());
        }
    }

    private final String name;

    private final ProbeSettings settings;

    private final InstantSource clock;

    private final KeptConnection connection;

    private final Round round;

    private final StatementWatch statements;

    private final ScheduledExecutorService thread;

    private volatile Progress progress;

    private @Nullable Future<?> nextRound;

    private volatile boolean signalling;

    /** Since when the server owes the answer to a question between two rounds, null if it owes none. */
    private volatile @Nullable Moment unanswered;

    ProbeRun(
            String name,
            ConnectionSource source,
            @Nullable ConnectionSource poolAddress,
            ProbeSettings settings,
            InstantSource clock) {
        this.name = name;
        this.settings = settings;
        this.clock = clock;
        this.connection = new KeptConnection(name, source, settings);
        ConnectionSource pool = poolAddress == null ? source : poolAddress;
        JoinCheck join = new JoinCheck(name, pool, poolAddress == null, settings, clock);
        this.round = new Round(name, connection, join, settings.timeLimit(), clock);
        this.statements = new StatementWatch(name, connection, join, settings, clock);
        Moment now = Moment.now(clock);
        this.progress = new Progress(new NotAsked(), now.nanos(), now, new CountDownLatch(1));
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "crablet-watch-" + name);
            daemon.setDaemon(true);
            return daemon;
        });
        thread.execute(this::ask);
    }

    /** The last answer; only the first is waited for. */
    DatabaseAnswer answer() {
        Progress seen = progress;
        Moment asking = seen.asking();
        if (seen.last() instanceof NotAsked && asking != null) {
            await(seen.ended(), millisLeft(asking));
        }
        return lastAnswer();
    }

    /** An answer that is not much older than the call, if the server gives one in time. All who want it wait for the same one. */
    DatabaseAnswer fresh(Duration patience) {
        Progress seen = progress;
        if (seen.asking() == null) {
            boolean futile = seen.last() instanceof Failed failed && !soonOver(failed);
            if (futile || since(seen.nanos()).compareTo(FRESH) < 0) {
                return lastAnswer();
            }
            askAfter(seen);
        }
        Moment asking = asking(seen);
        long left = asking == null ? settings.timeLimit().toMillis() : millisLeft(asking);
        await(seen.ended(), Math.min(patience.toMillis(), left));
        return lastAnswer();
    }

    /** Does something on the side connection, between two questions. */
    <T> T signal(KeptConnection.Use<T> use) throws SQLException {
        Future<T> done = thread.submit(() -> {
            signalling = true;
            try {
                return connection.useOnce(use);
            } finally {
                signalling = false;
            }
        });
        try {
            return done.get(settings.timeLimit().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
        } catch (TimeoutException e) {
            done.cancel(false);
            throw new SQLTimeoutException(
                    "The server did not answer within %s; whether it did what it was asked to is not known"
                            .formatted(settings.timeLimit()),
                    "57014",
                    e);
        } catch (InterruptedException e) {
            done.cancel(false);
            Thread.currentThread().interrupt();
            throw new SQLException("The caller was interrupted", e);
        }
    }

    void stop() {
        thread.shutdownNow();
        connection.close(progress.asking() != null || signalling || unanswered != null);
    }

    private DatabaseAnswer lastAnswer() {
        Progress seen = progress;
        Moment asking = asking(seen);
        if (asking != null && !(seen.last() instanceof Failed) && millisLeft(asking) <= 0) {
            int missed = Round.missed(seen.last(), since(asking.nanos()), settings.timeLimit());
            return new Failed(asking.shown(), DatabaseFailure.TIMEOUT, null, missed);
        }
        return statements.addTo(seen.last());
    }

    private @Nullable Moment asking(Progress seen) {
        return seen.asking() == null ? unanswered : seen.asking();
    }

    private static void await(CountDownLatch answer, long millis) {
        try {
            answer.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long millisLeft(Moment asking) {
        return settings.timeLimit().minus(since(asking.nanos())).toMillis();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private void ask() {
        Progress before = progress;
        DatabaseAnswer last = before.last();
        if (!(last instanceof NotAsked)) {
            Moment since = unanswered;
            progress = new Progress(last, before.nanos(), since == null ? Moment.now(clock) : since, before.ended());
        }
        DatabaseAnswer next = last;
        try {
            next = round.ask(last);
        } finally {
            unanswered = null;
            progress = new Progress(next, System.nanoTime(), null, new CountDownLatch(1));
            before.ended().countDown();
            schedule(intervalAfter(next));
        }
        askForStatements(next);
    }

    /** Nobody waits for that, but a server that does not even refuse it does not answer. */
    private void askForStatements(DatabaseAnswer last) {
        if (statements.isDue(last)) {
            unanswered = Moment.now(clock);
            if (statements.ask()) {
                unanswered = null;
            } else {
                askAfter(progress);
            }
        }
    }

    private Duration intervalAfter(DatabaseAnswer answer) {
        Duration interval = settings.interval();
        return answer instanceof Failed failed && soonOver(failed) && interval.compareTo(INTERVAL_OF_FAILURE) > 0
                ? INTERVAL_OF_FAILURE
                : interval;
    }

    private synchronized void schedule(Duration delay) {
        try {
            nextRound = thread.schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            logger.debug("The probe of pool {} has been stopped", name);
        }
    }

    /** Brings the round that comes after this one forward, unless it has begun. */
    private synchronized void askAfter(Progress seen) {
        Future<?> next = nextRound;
        if (progress == seen && next != null && next.cancel(false)) {
            schedule(Duration.ZERO);
        }
    }

    /** Only somebody can mend a login, and servers may lock out a role that tries too often. */
    private static boolean soonOver(Failed failed) {
        return failed.failure() != DatabaseFailure.LOGIN;
    }
}
