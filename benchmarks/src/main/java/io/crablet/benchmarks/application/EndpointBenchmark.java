package io.crablet.benchmarks.application;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Run;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.postgres.DatabaseAddress;
import io.crablet.pool.postgres.DatabaseProbe;
import io.crablet.pool.postgres.ProbeSettings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.Assert;

/**
 * How long the endpoint of a pool takes that has lent 300 connections, each of them idle in a transaction, and how large its answer is.
 * Also how long one round of the watch takes on a server with these sessions.
 */
public final class EndpointBenchmark implements Benchmark {

    private static final int BORROWED = 300;

    private static final Map<String, String> SETTING = Map.of("borrowed", Integer.toString(BORROWED));

    private static final String POOL = "/actuator/pool/dataSource";

    private static final String PING = "/actuator/health/ping";

    private static final Duration ROUND = Duration.ofMillis(100);

    private final Timings pool = new Timings();

    private final Timings ping = new Timings();

    /** Called by who lists the benchmarks. */
    public EndpointBenchmark() {}

    @Override
    public String name() {
        return "endpoint";
    }

    @Override
    public List<String> baselines() {
        return List.of("floor, GET " + PING);
    }

    @Override
    public void measure(Run run) throws Exception {
        String url = run.server().createDatabase("endpoint");
        Settings settings = new Settings(run.server(), url, BORROWED)
                .with("management.endpoints.web.exposure.include", "health,pool")
                .with("crablet.pool.watch.show-sql", "always");
        try (RunningApplication application = RunningApplication.withStarter(settings);
                Borrowers borrowers = new Borrowers(application.dataSource())) {
            borrowers.hold(BORROWED);
            ask(run, application);
            watch(run, url);
        }
    }

    private void ask(Run run, RunningApplication application) throws Exception {
        for (int i = 0; i < run.scale().of(1_500, 50); i++) {
            nanos(application, POOL);
            nanos(application, PING);
        }
        int times = run.scale().of(300, 50);
        for (int round = 0; round < run.scale().of(5, 1); round++) {
            ping.measure(times, () -> nanos(application, PING));
            pool.measure(times, () -> nanos(application, POOL));
        }
        Map<String, String> setting = new LinkedHashMap<>(SETTING);
        setting.put("bytes", Integer.toString(application.get(POOL).bytes()));
        run.report().add(ping.figure(name(), "the pool's endpoint", "floor, GET " + PING, SETTING));
        run.report().add(pool.figure(name(), "the pool's endpoint", "crablet, GET " + POOL, setting));
    }

    /** As the application's own watch does it, with a probe that asks more often. */
    private void watch(Run run, String url) throws Exception {
        ProbeSettings defaults = ProbeSettings.DEFAULTS;
        DatabaseAddress address =
                new DatabaseAddress(url, run.server().user(), run.server().password(), new Properties());
        Timings rounds = new Timings();
        try (DatabaseProbe probe = new DatabaseProbe(
                "benchmark",
                address,
                new ProbeSettings(ROUND, defaults.timeLimit(), defaults.longQuery(), defaults.idleInTransaction()),
                InstantSource.system())) {
            probe.start();
            rounds.measure(run.scale().of(100, 10), () -> nextRound(probe));
        }
        run.report().add(rounds.figure(name(), "one round of the watch", "crablet", SETTING));
    }

    /** Waits for the next answer. */
    private static long nextRound(DatabaseProbe probe) throws InterruptedException {
        Instant before = takenAt(probe.answer());
        DatabaseAnswer answer = probe.answer();
        for (int i = 0; i < 10_000 && Objects.equals(takenAt(answer), before); i++) {
            TimeUnit.MILLISECONDS.sleep(1);
            answer = probe.answer();
        }
        DatabaseAnswer last = answer;
        Assert.state(!Objects.equals(takenAt(last), before), () -> "There is no newer answer than " + last);
        return ((Answered) last).latency().toNanos();
    }

    private static @Nullable Instant takenAt(DatabaseAnswer answer) {
        return answer instanceof Answered answered && answered.server() != null
                ? answered.server().takenAt()
                : null;
    }

    private static long nanos(RunningApplication application, String path) throws IOException {
        RunningApplication.Answer answer = application.get(path);
        Assert.state(answer.status() == HttpURLConnection.HTTP_OK, () -> path + " answered " + answer);
        return answer.nanos();
    }
}
