package io.crablet.benchmarks.application;

import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import java.net.HttpURLConnection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.util.Assert;

/**
 * How long a health check takes while the pool is exhausted and callers wait: of an application with the starter, and of one without,
 * whose check borrows a connection and so waits as long as a caller would. Everything is in one JVM.
 */
public final class HealthBenchmark implements Benchmark {

    private static final int POOL_SIZE = 50;

    private static final int WAITING = 50;

    /** Far less than Hikari's 30 s, which is what Spring Boot's check would wait for, so that the measurement ends. */
    private static final int CONNECTION_TIMEOUT_MILLIS = 2_000;

    private static final int WARM_UP = 4_000;

    private static final String HEALTH = "/actuator/health";

    private static final String PING = HEALTH + "/ping";

    private final Map<String, Timings> subjects = new LinkedHashMap<>();

    /** Called by who lists the benchmarks. */
    public HealthBenchmark() {}

    @Override
    public String name() {
        return "health";
    }

    @Override
    public List<String> baselines() {
        return List.of("floor, GET /actuator/health/ping");
    }

    @Override
    public void measure(Run run) throws Exception {
        try (RunningApplication with = RunningApplication.withStarter(settings(run, "health_with"));
                RunningApplication without = RunningApplication.withoutStarter(settings(run, "health_without"));
                Borrowers ours = new Borrowers(with.dataSource());
                Borrowers others = new Borrowers(without.dataSource())) {
            for (Borrowers borrowers : List.of(ours, others)) {
                borrowers.hold(POOL_SIZE);
                borrowers.call(WAITING);
            }
            measure(run, with, without);
        }
        Map<String, String> setting = Map.of(
                "pool", Integer.toString(POOL_SIZE),
                "waiting", Integer.toString(WAITING),
                "connection-timeout", CONNECTION_TIMEOUT_MILLIS + " ms");
        subjects.forEach((subject, timings) ->
                run.report().add(timings.figure(name(), "health of an exhausted pool", subject, setting)));
        run.report()
                .add(new Target(
                        name(),
                        "health over HTTP while the pool is exhausted: p99 in ms",
                        timings("crablet, GET /actuator/health").p99Millis(),
                        5,
                        false,
                        setting));
    }

    private void measure(Run run, RunningApplication with, RunningApplication without) throws Exception {
        HealthIndicator pool = with.health("pool");
        HealthIndicator db = with.health("db");
        awaitOutOfService(with);
        for (int i = 0; i < run.scale().of(WARM_UP, 200); i++) {
            with.get(HEALTH);
            with.get(PING);
            without.get(PING);
        }
        int times = run.scale().of(600, 100);
        for (int round = 0; round < run.scale().of(5, 1); round++) {
            timings("floor, GET /actuator/health/ping")
                    .measure(times, () -> nanos(with, PING, HttpURLConnection.HTTP_OK));
            timings("crablet, GET /actuator/health")
                    .measure(times, () -> nanos(with, HEALTH, HttpURLConnection.HTTP_UNAVAILABLE));
            timings("crablet, pool alone, called directly").measure(times, () -> nanos(pool));
            timings("crablet, db alone, called directly").measure(times, () -> nanos(db));
            timings("Spring Boot's db check, GET /actuator/health")
                    .measure(run.scale().of(3, 1), () -> nanos(without, HEALTH, HttpURLConnection.HTTP_UNAVAILABLE));
        }
    }

    /** Which it is after 5 s of waiting. */
    private static void awaitOutOfService(RunningApplication application) throws Exception {
        for (int i = 0; application.get(HEALTH).status() != HttpURLConnection.HTTP_UNAVAILABLE; i++) {
            Assert.state(i < 300, "The pool is exhausted and not out of service");
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private Timings timings(String subject) {
        return subjects.computeIfAbsent(subject, first -> new Timings());
    }

    private static Settings settings(Run run, String database) throws Exception {
        return new Settings(run.server(), run.server().createDatabase(database), POOL_SIZE)
                .with("spring.datasource.hikari.connection-timeout", Integer.toString(CONNECTION_TIMEOUT_MILLIS));
    }

    private static long nanos(RunningApplication application, String path, int expected) throws Exception {
        RunningApplication.Answer answer = application.get(path);
        Assert.state(answer.status() == expected, () -> path + " answered " + answer);
        return answer.nanos();
    }

    private static long nanos(HealthIndicator indicator) {
        long start = System.nanoTime();
        Object health = indicator.health(true);
        long nanos = System.nanoTime() - start;
        Assert.state(health != null, "there is no answer");
        return nanos;
    }
}
