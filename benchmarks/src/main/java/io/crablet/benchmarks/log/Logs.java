package io.crablet.benchmarks.log;

import io.crablet.benchmarks.Run;
import io.crablet.eventstore.Tag;
import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs of different sizes, each built once in a run. An event has about 100 bytes of data and three tags: an entity, another
 * entity, and one that all events have. An entity has 20 events, all over the log. There are ten types, and one event of an
 * eleventh in the middle of the log.
 */
final class Logs {

    /** For all benchmarks of a run. */
    static final Logs SHARED = new Logs();

    static final Tag COMMON = Tag.of("log", "all");

    static final int EVENTS_OF_ENTITY = 20;

    private static final Logger logger = LoggerFactory.getLogger(Logs.class);

    private final Map<Integer, String> urls = new ConcurrentHashMap<>();

    private Logs() {}

    static List<Integer> sizes(Run run) {
        return run.scale().of(List.of(10_000, 1_000_000, 10_000_000), List.of(10_000, 20_000, 50_000));
    }

    static Tag entity(int number) {
        return Tag.of("entity", Integer.toString(number));
    }

    /** Returns the URL of a database whose log has that many events, and perhaps some that a benchmark has appended. */
    String url(Run run, int events) throws SQLException {
        String known = urls.get(events);
        if (known != null) {
            return known;
        }
        long start = System.nanoTime();
        String url = run.server().createDatabase("bench_log_" + events);
        try (var pool = run.server().pool(url, 1)) {
            new PostgresSchema(pool, "public").initialize();
            build(pool, events);
        }
        logger.info("Built a log of {} events in {} s", events, (System.nanoTime() - start) / 1_000_000_000);
        urls.put(events, url);
        return url;
    }

    /** Builds the indexes after the rows, which is many times faster, and leaves the schema as it was. */
    private static void build(DataSource dataSource, int events) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : """
                    set synchronous_commit = off;
                    set maintenance_work_mem = '512MB';
                    alter table crablet_events drop constraint crablet_events_pkey;
                    drop index crablet_events_type_position;
                    alter table crablet_event_tags drop constraint crablet_event_tags_pkey;
                    insert into crablet_events (position, type, tags, data, metadata, occurred_at)
                    select n, case when n = %1$d / 2 then 'Rare' else 'Type' || n %% 10 end,
                        array['entity:' || n %% %2$d, 'other:' || n * 7919 %% %2$d, 'log:all'],
                        ('{"text":"' || repeat('x', 88) || '"}')::json, '{}', clock_timestamp()
                    from generate_series(1, %1$d::bigint) n;
                    insert into crablet_event_tags (tag, position)
                    select tag, position from crablet_events cross join lateral unnest(tags) as tag;
                    alter table crablet_events add constraint crablet_events_pkey primary key (position);
                    create index crablet_events_type_position on crablet_events (type, position);
                    alter table crablet_event_tags add constraint crablet_event_tags_pkey primary key (tag, position);
                    vacuum (analyze) crablet_events;
                    vacuum (analyze) crablet_event_tags;
                    checkpoint
                    """.formatted(events, events / EVENTS_OF_ENTITY).split(";")) {
                statement.execute(sql);
            }
        }
    }
}
