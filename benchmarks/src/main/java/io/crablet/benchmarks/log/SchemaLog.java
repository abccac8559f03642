package io.crablet.benchmarks.log;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.benchmarks.Server;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * A log in a variant of the schema. An event has two tags, one of ten types, and about 110 bytes of data; an entity has 20 events all
 * over the log, two of each type.
 */
final class SchemaLog implements AutoCloseable {

    static final int EVENTS_OF_INSERT = 256;

    private static final String DATA = """
            {"amount": %d, "currency": "EUR", "reason": "a hundred characters or so, as in many applications", "by": "u%d"}""";

    private static final int TYPES = 10;

    private final SchemaVariant variant;
    private final int entities;
    private final HikariDataSource pool;
    private final Connection connection;
    private final PreparedStatement readTag;
    private final PreparedStatement readTagAndType;
    private long events;

    SchemaLog(SchemaVariant variant, int entities, Server server, String url) throws SQLException {
        this.variant = variant;
        this.entities = entities;
        this.pool = server.pool(url(url, variant), 2);
        variant.create(pool);
        this.connection = pool.getConnection();
        this.readTag = connection.prepareStatement(variant.readTag());
        this.readTagAndType = connection.prepareStatement(variant.readTagAndType());
    }

    static String url(String url, SchemaVariant variant) {
        return url + "?currentSchema=" + variant.name();
    }

    SchemaVariant variant() {
        return variant;
    }

    long events() {
        return events;
    }

    /** Inserts the next events in a transaction of their own. */
    void insert() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(variant.insert())) {
            statement.setLong(1, events + 1);
            statement.setArray(2, next(n -> type(n / entities)));
            statement.setArray(
                    3, next(n -> "{" + Logs.entity((int) (n % entities)) + ",other:" + n * 7919 % 99_991 + "}"));
            statement.setArray(4, next(n -> DATA.formatted(n % 1_000, n % 77)));
            statement.setArray(5, next(n -> "{}"));
            statement.executeUpdate();
        }
        events += EVENTS_OF_INSERT;
    }

    private Array next(LongFunction<String> value) throws SQLException {
        Object[] values = LongStream.range(events, events + EVENTS_OF_INSERT)
                .mapToObj(value)
                .toArray();
        return connection.createArrayOf("text", values);
    }

    private static String type(long number) {
        return "Type" + number % TYPES;
    }

    /** Returns how many events it has read. */
    int readEntity(int entity) throws SQLException {
        bindTag(readTag, entity);
        return read(readTag);
    }

    int readEntityAndType(int entity) throws SQLException {
        bindTag(readTagAndType, entity);
        readTagAndType.setString(variant.tagParameters() + 1, type(entity));
        return read(readTagAndType);
    }

    private void bindTag(PreparedStatement statement, int entity) throws SQLException {
        for (int i = 1; i <= variant.tagParameters(); i++) {
            statement.setString(i, Logs.entity(entity).toString());
        }
    }

    private static int read(PreparedStatement statement) throws SQLException {
        int count = 0;
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                rows.getLong("position");
                rows.getString("type");
                rows.getArray("tags").getArray();
                rows.getString("data");
                rows.getString("metadata");
                count++;
            }
        }
        return count;
    }

    /** Of a table and its indexes, in bytes. */
    long size(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_total_relation_size('" + table + "')")) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        pool.close();
    }
}
