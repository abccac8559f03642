package io.crablet.benchmarks.log;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.HdrHistogram.Histogram;

/** What the schema and the driver's settings would cost, or save, if they were otherwise. */
public final class ChoicesBenchmark implements Benchmark {

    private static final String NAME = "choices";

    private static final String PRESENT = SchemaVariant.PRESENT.name();

    /** Of the driver and of the server, for a connection. */
    private static final Map<String, String> SETTINGS = settings();

    /** Created by the list of benchmarks. */
    public ChoicesBenchmark() {}

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(PRESENT, "");
        settings.put("prepareThreshold=0", "&prepareThreshold=0");
        settings.put("prepareThreshold=1", "&prepareThreshold=1");
        settings.put("plan_cache_mode=force_generic_plan", "&options=-c%20plan_cache_mode=force_generic_plan");
        settings.put("plan_cache_mode=force_custom_plan", "&options=-c%20plan_cache_mode=force_custom_plan");
        return settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<String> baselines() {
        return List.of(PRESENT);
    }

    private interface Read {
        int events(int entity) throws SQLException;
    }

    private record Reads(String subject, Read read, List<Double> medians, Histogram all) {

        Reads(String subject, Read read) {
            this(subject, read, new ArrayList<>(), new Histogram(3));
        }
    }

    @Override
    public void measure(Run run) throws Exception {
        int inserts = run.scale().of(130, 10);
        int rounds = run.scale().of(6, 2);
        int events = inserts * rounds * SchemaLog.EVENTS_OF_INSERT;
        int entities = events / Logs.EVENTS_OF_ENTITY;
        String url = run.server().createDatabase("bench_choices");
        List<SchemaLog> logs = new ArrayList<>();
        try {
            for (SchemaVariant variant : SchemaVariant.ALL) {
                logs.add(new SchemaLog(variant, entities, run.server(), url));
            }
            insert(run, logs, rounds, inserts);
            sizes(run, logs);
            reads(
                    run,
                    "read one entity's 20 events",
                    entities,
                    Logs.EVENTS_OF_ENTITY,
                    logs.stream()
                            .map(log -> new Reads(log.variant().name(), log::readEntity))
                            .toList());
            reads(
                    run,
                    "read one entity's 2 events of a type",
                    entities,
                    2,
                    logs.stream()
                            .map(log -> new Reads(log.variant().name(), log::readEntityAndType))
                            .toList());
        } finally {
            for (SchemaLog log : logs) {
                log.close();
            }
        }
        readWithSettings(run, SchemaLog.url(url, SchemaVariant.PRESENT), entities);
    }

    /** The first round warms up. */
    private static void insert(Run run, List<SchemaLog> logs, int rounds, int inserts) throws SQLException {
        Map<SchemaLog, List<Double>> rates = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (SchemaLog log : logs) {
                // So that none pays for what another has written.
                log.execute("checkpoint");
                long start = System.nanoTime();
                for (int i = 0; i < inserts; i++) {
                    log.insert();
                }
                double rate = inserts * SchemaLog.EVENTS_OF_INSERT * 1e9 / (System.nanoTime() - start);
                if (round > 0) {
                    rates.computeIfAbsent(log, first -> new ArrayList<>()).add(rate);
                }
            }
        }
        rates.forEach((log, values) -> run.report()
                .add(new Figure(
                        NAME,
                        "insert 256 events at once",
                        log.variant().name(),
                        Map.of("connections", "1"),
                        "events/s",
                        values,
                        Map.of())));
    }

    private static void sizes(Run run, List<SchemaLog> logs) throws SQLException {
        for (String table : List.of("crablet_events", "crablet_event_tags")) {
            for (SchemaLog log : logs) {
                log.execute("vacuum (analyze) " + table);
                run.report()
                        .add(new Figure(
                                NAME,
                                "size with indexes after " + log.events() + " events",
                                log.variant().name(),
                                Map.of("table", table),
                                "MB",
                                List.of(log.size(table) / 1e6),
                                Map.of()));
            }
        }
    }

    /** Through the store, so with its statements. */
    private static void readWithSettings(Run run, String url, int entities) throws Exception {
        List<HikariDataSource> pools = new ArrayList<>();
        List<Reads> subjects = new ArrayList<>();
        try {
            SETTINGS.forEach((subject, parameters) -> {
                HikariDataSource pool = run.server().pool(url + parameters, 1);
                pools.add(pool);
                EventStore store =
                        PostgresEventStore.builder(pool).schema(PRESENT).build();
                subjects.add(new Reads(
                        subject,
                        entity -> store.read(Query.ofTags(Logs.entity(entity)))
                                .events()
                                .size()));
            });
            reads(run, "read one entity's 20 events through the store", entities, Logs.EVENTS_OF_ENTITY, subjects);
        } finally {
            pools.forEach(HikariDataSource::close);
        }
    }

    private static void reads(Run run, String workload, int entities, int expected, List<Reads> subjects)
            throws SQLException {
        int rounds = run.scale().of(7, 1);
        long nanos = run.scale().of(400, 50) * 1_000_000L;
        for (int round = 0; round <= rounds; round++) {
            for (Reads subject : subjects) {
                Histogram times = times(subject.read, nanos, entities, expected);
                if (round > 0) {
                    subject.medians.add(times.getValueAtPercentile(50) / 1e3);
                    subject.all.add(times);
                }
            }
        }
        for (Reads subject : subjects) {
            run.report()
                    .add(new Figure(
                            NAME,
                            workload,
                            subject.subject,
                            Map.of("callers", "1"),
                            "µs",
                            subject.medians,
                            Map.of("p99", subject.all.getValueAtPercentile(99) / 1e3)));
        }
    }

    private static Histogram times(Read read, long nanos, int entities, int expected) throws SQLException {
        Histogram times = new Histogram(3);
        long now = System.nanoTime();
        long end = now + nanos;
        while (now < end) {
            int events = read.events(ThreadLocalRandom.current().nextInt(entities));
            if (events != expected) {
                throw new IllegalStateException(events + " events instead of " + expected);
            }
            long after = System.nanoTime();
            times.recordValue(after - now);
            now = after;
        }
        return times;
    }
}
