package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Server;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A database that its owner fills and empties. */
final class Database {

    private final Server server;
    private final String url;

    Database(Server server, String name) throws SQLException {
        this.server = server;
        this.url = server.createDatabase(name);
    }

    Server server() {
        return server;
    }

    String url() {
        return url;
    }

    HikariDataSource pool(int size) {
        return server.pool(url, size);
    }

    /** Executes statements, one transaction each unless they say otherwise. */
    void execute(String... statements) throws SQLException {
        try (HikariDataSource owner = pool(1);
                Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Creates Crablet's schema, and a log in it. Tags come in the order of the log, as appends bring them. */
    void createCrablet(Log log) throws SQLException {
        try (HikariDataSource owner = pool(1)) {
            new PostgresSchema(owner, PostgresEventStore.DEFAULT_SCHEMA).initialize();
        }
        execute("""
                insert into crablet_events (position, type, tags, data, metadata, occurred_at)
                select position, type, tags, data::json, metadata::json, now() from (%s) as log
                """.formatted(log.sql()), """
                insert into crablet_event_tags (tag, position)
                select tag, position from (select tags, position from crablet_events order by position) as log
                    cross join lateral unnest(tags) as tag
                """, "vacuum analyze crablet_events, crablet_event_tags", "checkpoint");
    }

    /** Takes away what was appended to Crablet's log, which only a superuser can, around the triggers. */
    void resetCrablet(Log log) throws SQLException {
        execute("""
                begin;
                set local session_replication_role = replica;
                delete from crablet_event_tags t using crablet_events e
                where e.position > %1$d and t.position = e.position and t.tag = any (e.tags);
                delete from crablet_events where position > %1$d;
                commit
                """.formatted(log.events()), "vacuum (index_cleanup on) crablet_events, crablet_event_tags");
    }

    /** Figures of appends that got lost would be worth nothing. */
    void requireCrabletEvents(long events) throws SQLException {
        try (HikariDataSource owner = pool(1);
                Connection connection = owner.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*), max(position) from crablet_events")) {
            row.next();
            if (row.getLong(1) != events || row.getLong(2) != events) {
                throw new IllegalStateException("the log should have " + events + " events, but it has "
                        + row.getLong(1) + ", the last at position " + row.getLong(2));
            }
        }
    }
}
