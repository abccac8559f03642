package io.crablet.benchmarks.streams;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * The fastest way into the two tables: COPY, with nobody else appending, nothing checked and positions that are known beforehand. Only
 * the owner of the log may do so. The indexes, constraints and triggers are the log's.
 */
final class CopyImport {

    private static final String EVENTS =
            "copy crablet_events (position, type, tags, data, metadata, occurred_at) from stdin";

    private static final String TAGS = "copy crablet_event_tags (tag, position) from stdin";

    private static final int BUFFER = 1 << 16;

    private final DataSource dataSource;

    CopyImport(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    private interface Rows {
        void write(long position, Event event, StringBuilder rows);
    }

    /** Writes the events into one table and then their tags into the other, each batch in a transaction of its own. */
    void write(List<Event> batch, long firstPosition, String occurredAt) throws SQLException, IOException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            copy(connection, EVENTS, batch, firstPosition, (position, event, rows) -> {
                rows.append(position).append('\t');
                field(event.type(), rows).append('\t');
                field(array(event.tags()), rows).append('\t');
                field(event.data(), rows).append('\t');
                field(event.metadata(), rows).append('\t').append(occurredAt).append('\n');
            });
            copy(connection, TAGS, batch, firstPosition, (position, event, rows) -> {
                for (Tag tag : event.tags()) {
                    field(tag.toString(), rows).append('\t').append(position).append('\n');
                }
            });
            connection.commit();
        }
    }

    private static void copy(Connection connection, String sql, List<Event> batch, long firstPosition, Rows rows)
            throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        StringBuilder text = new StringBuilder(BUFFER * 2);
        long position = firstPosition;
        for (Event event : batch) {
            rows.write(position++, event, text);
            if (text.length() >= BUFFER) {
                send(copy, text);
            }
        }
        send(copy, text);
        copy.endCopy();
    }

    private static void send(CopyIn copy, StringBuilder text) throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    private static String array(Iterable<Tag> tags) {
        StringBuilder array = new StringBuilder("{");
        for (Tag tag : tags) {
            array.append(array.length() == 1 ? "\"" : ",\"");
            escape(tag.toString(), "\"\\", array).append('"');
        }
        return array.append('}').toString();
    }

    /** Of the rows here, none holds a tab or the end of a line. */
    private static StringBuilder field(String text, StringBuilder rows) {
        return escape(text, "\\", rows);
    }

    private static StringBuilder escape(String text, String special, StringBuilder target) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (special.indexOf(c) >= 0) {
                target.append('\\');
            }
            target.append(c);
        }
        return target;
    }
}
