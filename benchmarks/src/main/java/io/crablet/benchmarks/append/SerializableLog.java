package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A baseline: one table with an array of tags under a GIN index. Check and insert are one statement in a SERIALIZABLE transaction,
 * one round trip, and are tried again, after a short random pause, when PostgreSQL asks for it.
 */
final class SerializableLog implements Subject {

    static final String NAME = "SERIALIZABLE + GIN";

    private static final String SERIALIZATION_FAILURE = "40001";

    private static final String DEADLOCK = "40P01";

    /** Reads are at READ COMMITTED: as SERIALIZABLE ones they would only make more appends fail. */
    private static final int READERS = 16;

    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(16);

    private final Database database;
    private final Log log;
    private final HikariDataSource appenders;
    private final HikariDataSource readers;
    private final BorrowedPeak borrowed;

    SerializableLog(Database database, Log log, int poolSize) throws SQLException {
        this.database = database;
        this.log = log;
        create();
        readers = database.pool(READERS);
        appenders = database.pool(poolSize);
        appenders.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        borrowed = BorrowedPeak.of(appenders);
    }

    /** Without a pending list, which every check would have to go through, and which one append in many would have to empty. */
    private void create() throws SQLException {
        database.execute(
                """
                create table events (
                    position    bigint      generated always as identity primary key,
                    type        text        not null,
                    tags        text[]      not null,
                    data        jsonb       not null,
                    metadata    jsonb       not null,
                    occurred_at timestamptz not null default now()
                )
                """,
                """
                insert into events (type, tags, data, metadata)
                select type, tags, data::jsonb, metadata::jsonb from (%s) as log order by position
                """.formatted(log.sql()),
                "create index events_tags on events using gin (tags) with (fastupdate = off)",
                "vacuum analyze events",
                "checkpoint");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long append(String entity, String other, long after) throws Exception {
        long pause = TimeUnit.MILLISECONDS.toNanos(1);
        while (true) {
            try {
                return tryToAppend(entity, other, after);
            } catch (SQLException e) {
                if (!SERIALIZATION_FAILURE.equals(e.getSQLState()) && !DEADLOCK.equals(e.getSQLState())) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(ThreadLocalRandom.current().nextLong(pause));
                pause = Math.min(2 * pause, LONGEST_PAUSE);
            }
        }
    }

    /**
     * "offset 0" keeps the check to the index of tags: by the primary key it would collide with every append. As "not exists" its
     * generic plan would go through the whole table, because it expects to find something early.
     */
    private long tryToAppend(String entity, String other, long after) throws SQLException {
        try (Connection connection = appenders.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        insert into events (type, tags, data, metadata)
                        select ?, array[?, ?]::text[], ?::jsonb, ?::jsonb
                        where coalesce((
                            select max(position) from (
                                select position from events where tags @> array[?]::text[] offset 0) of_entity), 0) <= ?
                        returning position
                        """)) {
            statement.setString(1, Payload.TYPE);
            statement.setString(2, entity);
            statement.setString(3, other);
            statement.setString(4, Payload.DATA);
            statement.setString(5, Payload.METADATA);
            statement.setString(6, entity);
            statement.setLong(7, after);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : REFUSED;
            }
        }
    }

    @Override
    public History read(String entity) throws SQLException {
        try (Connection connection = readers.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select position, type, tags, data, metadata, occurred_at
                        from (select * from events where tags @> array[?]::text[] offset 0) e
                        order by position
                        """)) {
            statement.setString(1, entity);
            List<String> data = new ArrayList<>();
            long last = 0;
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    last = rows.getLong("position");
                    data.add(rows.getString("data"));
                }
            }
            return new History(data, last);
        }
    }

    @Override
    public int borrowedPeak() {
        return borrowed.reset();
    }

    @Override
    public void reset() throws SQLException {
        database.execute("delete from events where position > " + log.events(), "vacuum (index_cleanup on) events");
    }

    @Override
    public void close() {
        appenders.close();
        readers.close();
    }
}
