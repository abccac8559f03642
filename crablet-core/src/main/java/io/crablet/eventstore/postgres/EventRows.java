package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.SequencedEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;

/** Reads the rows that an {@link EventQuery} selects. */
final class EventRows {

    private EventRows() {}

    /** Returns how many bytes data and metadata of the event have. */
    static int bytes(ResultSet row) throws SQLException {
        return row.getInt(7);
    }

    static SequencedEvent event(ResultSet row) throws SQLException {
        Event event = new Event(row.getString(2), TagArray.tags(row.getBytes(3)), row.getString(4), row.getString(5));
        return new SequencedEvent(
                row.getLong(1), row.getObject(6, OffsetDateTime.class).toInstant(), event);
    }
}
