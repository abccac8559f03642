package io.crablet.benchmarks.streams;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a program reads that knows nothing but the driver: the same columns, into the driver's own types. Each row becomes a value
 * with its position, type, tags as an array of texts, data, metadata and the time as an instant; nothing is checked or copied.
 */
final class RawRead {

    private static final String COLUMNS = "select e.position, e.type, e.tags, e.data, e.metadata, e.occurred_at ";

    private static final String ALL = COLUMNS + "from crablet_events e order by e.position";

    private static final String TAGGED = COLUMNS + """
            from crablet_event_tags t join crablet_events e on e.position = t.position
            where t.tag = ? order by t.position""";

    private final DataSource dataSource;

    RawRead(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    record Row(long position, String type, String[] tags, String data, String metadata, Instant occurredAt) {}

    void streamAll(int fetchSize, Consumer<Row> consumer) throws SQLException {
        stream(ALL, null, fetchSize, consumer);
    }

    void streamTagged(String tag, int fetchSize, Consumer<Row> consumer) throws SQLException {
        stream(TAGGED, tag, fetchSize, consumer);
    }

    private void stream(String sql, @Nullable String tag, int fetchSize, Consumer<Row> consumer) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setFetchSize(fetchSize);
                if (tag != null) {
                    statement.setString(1, tag);
                }
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        consumer.accept(row(rows));
                    }
                }
            }
            connection.commit();
        }
    }

    /** Reads all events of a tag at once, with the statement alone in its transaction. */
    List<Row> read(String tag) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement(TAGGED)) {
            statement.setString(1, tag);
            try (ResultSet rows = statement.executeQuery()) {
                List<Row> found = new ArrayList<>();
                while (rows.next()) {
                    found.add(row(rows));
                }
                return found;
            }
        }
    }

    long head() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement statement = connection.prepareStatement("select max(position) from crablet_events");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static Row row(ResultSet rows) throws SQLException {
        return new Row(
                rows.getLong(1),
                rows.getString(2),
                (String[]) rows.getArray(3).getArray(),
                rows.getString(4),
                rows.getString(5),
                rows.getObject(6, OffsetDateTime.class).toInstant());
    }
}
