package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Makes streams of events, which read nothing before somebody asks for the first one. */
final class EventStreams {

    private static final int CHARACTERISTICS =
            Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.IMMUTABLE;

    private final Sessions sessions;
    private final EventReader reader;
    private final EventStoreListener listener;
    private final int pageSize;

    EventStreams(Sessions sessions, EventReader reader, EventStoreListener listener, int pageSize) {
        this.sessions = sessions;
        this.reader = reader;
        this.listener = listener;
        this.pageSize = pageSize;
    }

    Stream<SequencedEvent> stream(Query query, ReadOptions options, StreamMode mode) {
        return switch (mode) {
            case PAGED ->
                StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(
                                paged(Operation.streamPaged(query), query, options), CHARACTERISTICS),
                        false);
            case CURSOR -> {
                EventQuery sql = reader.query(query, EventQuery.Window.of(options));
                CursorEvents events = new CursorEvents(
                        new CursorRead(sessions, listener, query, sql, pageSize, reader.timeout(options)));
                yield StreamSupport.stream(events, false).onClose(events::close);
            }
        };
    }

    /** Returns the events page by page. */
    PagedEvents paged(Operation operation, Query query, ReadOptions options) {
        return new PagedEvents(reader, operation, query, options, pageSize);
    }
}
