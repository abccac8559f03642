package io.crablet.benchmarks.log;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Benchmark;
import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.benchmarks.Target;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether appends get slower over time: a million of them, while a transaction elsewhere keeps its snapshot all along, a tenth as
 * many events are appended and rolled back, and the tables are vacuumed.
 */
public final class EnduranceBenchmark implements Benchmark {

    private static final String NAME = "endurance";

    private static final String SUBJECT = "crablet";

    /** Created by the list of benchmarks. */
    public EnduranceBenchmark() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isAskedForOnly() {
        return true;
    }

    @Override
    public void measure(Run run) throws Exception {
        int appends = run.scale().of(1_000_000, 5_000);
        String url = run.server().createDatabase("bench_endurance");
        try (HikariDataSource owner = run.server().pool(url, 2)) {
            new PostgresSchema(owner, PostgresEventStore.DEFAULT_SCHEMA).initialize();
            List<Double> rates;
            try (Connection elsewhere = owner.getConnection();
                    HikariDataSource pool = run.server().pool(url, 4)) {
                elsewhere.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                elsewhere.setAutoCommit(false);
                requireEmptyLog(elsewhere);
                LongRun longRun = new LongRun(pool, appends);
                rates = longRun.rates(() -> vacuum(owner));
                run.report()
                        .add(new Figure(
                                NAME,
                                "events that were rolled back",
                                SUBJECT,
                                Map.of(),
                                "events",
                                List.of((double) longRun.rolledBack()),
                                Map.of()));
                // The snapshot is still the one of the beginning.
                requireEmptyLog(elsewhere);
                elsewhere.rollback();
            }
            // The pool's sessions have ended by now, and with that have told the server's statistics what they have
            // done.
            reportTables(run, owner);
            reportRates(run, rates);
        }
    }

    private static void requireEmptyLog(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from crablet_events")) {
            row.next();
            if (row.getLong(1) != 0) {
                throw new IllegalStateException("the snapshot is not older than the " + row.getLong(1) + " events");
            }
        }
    }

    private static void vacuum(HikariDataSource owner) throws SQLException {
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("vacuum crablet_events, crablet_event_tags");
        }
    }

    private static void reportRates(Run run, List<Double> rates) {
        for (int i = 0; i < rates.size(); i++) {
            run.report()
                    .add(new Figure(
                            NAME,
                            "conditional append",
                            SUBJECT,
                            Map.of("tenth", String.valueOf(i + 1)),
                            "events/s",
                            List.of(rates.get(i)),
                            Map.of()));
        }
        run.report()
                .add(new Target(
                        NAME,
                        "the last tenth: at least 0.8 of the second tenth's events/s",
                        rates.get(rates.size() - 1) / rates.get(1),
                        0.8,
                        true,
                        Map.of("callers", String.valueOf(LongRun.CALLERS))));
    }

    /** Dead rows are as the server's statistics have them, which may be a second behind. */
    private static void reportTables(Run run, HikariDataSource owner) throws SQLException {
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select relname, n_dead_tup as "dead rows",
                            vacuum_count as "vacuums", autovacuum_count as "autovacuums",
                            pg_table_size(relid) / 1e6 as "size of table, MB",
                            pg_indexes_size(relid) / 1e6 as "size of indexes, MB"
                        from pg_stat_user_tables order by relname desc
                        """)) {
            while (rows.next()) {
                Map<String, String> setting = Map.of("table", rows.getString(1));
                Map<String, Double> values = new LinkedHashMap<>();
                for (int column = 2; column <= rows.getMetaData().getColumnCount(); column++) {
                    values.put(rows.getMetaData().getColumnLabel(column), rows.getDouble(column));
                }
                values.forEach((name, value) -> run.report()
                        .add(new Figure(
                                NAME,
                                "tables at the end",
                                name,
                                setting,
                                name.endsWith("MB") ? "MB" : "number",
                                List.of(value),
                                Map.of())));
            }
        }
    }
}
