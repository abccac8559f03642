package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** What the server can take into Crablet's tables: many rows a statement, without a lock, a check or an order. */
final class Ceiling implements AutoCloseable {

    static final String NAME = "ceiling";

    static final int EVENTS = 256;

    private final Log log;
    private final HikariDataSource pool;
    private final AtomicLong position;

    Ceiling(Database database, Log log, int connections) throws SQLException {
        this.log = log;
        database.createCrablet(log);
        pool = database.pool(connections);
        position = new AtomicLong(log.events());
    }

    /** Inserts a batch, in one transaction. */
    long insert() throws SQLException {
        long first = position.getAndAdd(EVENTS) + 1;
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        with appended as (
                            insert into crablet_events (position, type, tags, data, metadata, occurred_at)
                            select ? + e.ordinal - 1, e.type, array[e.tag, e.other], e.data::json, e.metadata::json, now()
                            from unnest(?, ?, ?, ?, ?) with ordinality as e(type, tag, other, data, metadata, ordinal)
                            returning position, tags
                        )
                        insert into crablet_event_tags (tag, position)
                        select tag, position from appended cross join lateral unnest(tags) as tag
                        """)) {
            statement.setLong(1, first);
            bind(statement, 2, first, at -> Payload.TYPE);
            bind(statement, 3, first, at -> Log.entity(at % log.entities()));
            bind(statement, 4, first, Log::other);
            bind(statement, 5, first, at -> Payload.DATA);
            bind(statement, 6, first, at -> Payload.METADATA);
            statement.executeUpdate();
        }
        return EVENTS;
    }

    private static void bind(PreparedStatement statement, int index, long first, LongFunction<String> text)
            throws SQLException {
        Object[] values = LongStream.range(first, first + EVENTS).mapToObj(text).toArray();
        statement.setArray(index, statement.getConnection().createArrayOf("text", values));
    }

    @Override
    public void close() {
        pool.close();
    }
}
