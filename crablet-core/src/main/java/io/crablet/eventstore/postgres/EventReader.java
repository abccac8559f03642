package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.SequencedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads events, each time with one query and one borrow. */
final class EventReader {

    private static final String TASK = "read";

    /**
     * Until the transaction ends. In a large log a plan that knows neither tags nor limit looks so expensive that the server
     * would compile it, each time, which takes longer than the read.
     */
    private static final String WITHOUT_COMPILER = "set_config('jit', 'off', true)";

    private final Sessions sessions;
    private final String schema;
    private final Duration defaultTimeout;
    private final EventStoreListener listener;

    EventReader(Sessions sessions, String quotedSchema, Duration defaultTimeout, EventStoreListener listener) {
        this.sessions = sessions;
        this.schema = quotedSchema;
        this.defaultTimeout = defaultTimeout;
        this.listener = listener;
    }

    /**
     * Some events.
     *
     * @param head of the log when they were read
     * @param bytes of data and metadata of all of them
     * @param isCommitted whether all others see the same log; in a caller's transaction it may be otherwise
     */
    record Page(List<SequencedEvent> events, long head, long bytes, boolean isCommitted) {}

    ReadResult read(Query query, ReadOptions options) {
        Page all = send(Operation.read(query), query, query(query, EventQuery.Window.of(options)), options);
        return new ReadResult(all.events(), all.head());
    }

    /** Reads no more than one page, whatever the window holds. */
    Page readPage(Operation operation, Query query, EventQuery.Window window, ReadOptions options) {
        return send(operation, query, query(query, window).page(), options);
    }

    private Page send(Operation operation, Query query, EventQuery eventQuery, ReadOptions options) {
        listener.readStarted(query);
        long start = System.nanoTime();
        try {
            Page page = sessions.run(
                    operation,
                    timeout(options),
                    lease -> read(lease, eventQuery),
                    (e, reason, limit) -> StoreErrors.ofRead(TASK, e, reason, limit));
            tellHead(page);
            return page;
        } finally {
            listener.readMeasured(query, Duration.ofNanos(System.nanoTime() - start));
            listener.readFinished(query);
        }
    }

    long head() {
        Page empty = sessions.run(
                Operation.HEAD,
                defaultTimeout,
                lease -> {
                    try (PreparedStatement statement = lease.connection().prepareStatement(headSql(""));
                            ResultSet row = statement.executeQuery()) {
                        return new Page(List.of(), onlyLong(row), 0, !lease.isInTransaction());
                    }
                },
                (e, reason, limit) -> StoreErrors.ofRead("reading the head", e, reason, limit));
        tellHead(empty);
        return empty.head();
    }

    private void tellHead(Page page) {
        if (page.isCommitted()) {
            listener.headSeen(page.head());
        } else {
            HeadNotice.onCommit(this, page.head(), listener::headSeen);
        }
    }

    Duration timeout(ReadOptions options) {
        Duration own = options.timeout();
        return own == null ? defaultTimeout : own;
    }

    EventQuery query(Query query, EventQuery.Window window) {
        return new EventQuery(schema, query, window);
    }

    /**
     * Asks for the head and for the events in one round trip. The second statement's snapshot may be newer than the first's,
     * but positions become visible in their order: where an event beyond the first's head is seen, all before it are.
     */
    private Page read(Lease lease, EventQuery query) throws SQLException {
        Connection connection = lease.connection();
        try (PreparedStatement statement =
                connection.prepareStatement(headSql(", " + WITHOUT_COMPILER) + ";\n" + query.sql())) {
            query.bind(connection, statement);
            statement.execute();
            long head;
            try (ResultSet row = statement.getResultSet()) {
                head = onlyLong(row);
            }
            statement.getMoreResults();
            List<SequencedEvent> events = new ArrayList<>();
            long bytes = 0;
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    SequencedEvent event = EventRows.event(rows);
                    events.add(event);
                    head = Math.max(head, event.position());
                    bytes += EventRows.bytes(rows);
                }
            }
            return new Page(events, head, bytes, !lease.isInTransaction());
        }
    }

    private String headSql(String more) {
        return "select coalesce(max(position), 0)" + more + " from " + schema + ".crablet_events";
    }

    private static long onlyLong(ResultSet row) throws SQLException {
        row.next();
        return row.getLong(1);
    }
}
