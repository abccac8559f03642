package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Calls {@code crablet_append}: a batch of requests in one round trip. */
final class AppendCall {

    private final String sql;

    AppendCall(String quotedSchema) {
        this.sql = "select * from %s.crablet_append(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)".formatted(quotedSchema);
    }

    /**
     * Sends the requests. The caller's transaction, or the one of this statement alone, holds them all or none.
     *
     * @param lockTimeout how long to wait for other appends, at least 1 ms
     * @param aboutToSend told just before something is sent; until then nothing can have been appended
     * @return an outcome for each request
     */
    List<AppendOutcome> send(
            Connection connection, List<AppendRequest> requests, Duration lockTimeout, Runnable aboutToSend)
            throws SQLException {
        Arguments arguments = new Arguments();
        for (AppendRequest request : requests) {
            arguments.add(request);
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            arguments.bind(connection, statement, lockTimeout);
            aboutToSend.run();
            try (ResultSet rows = statement.executeQuery()) {
                List<AppendOutcome> outcomes = new ArrayList<>(requests.size());
                while (rows.next()) {
                    outcomes.add(outcome(rows));
                }
                if (outcomes.size() != requests.size()) {
                    throw new IllegalStateException(outcomes.size() + " answers to " + requests.size()
                            + " appends; is crablet_append another one?");
                }
                return outcomes;
            }
        }
    }

    private static AppendOutcome outcome(ResultSet rows) throws SQLException {
        long firstPosition = rows.getLong("first_position");
        if (!rows.wasNull()) {
            return new AppendOutcome.Appended(new AppendResult(firstPosition, rows.getLong("last_position")));
        }
        int violatedItem = rows.getInt("violated_item");
        if (!rows.wasNull()) {
            return new AppendOutcome.Violated(
                    violatedItem - 1, rows.getLong("violating_position"), rows.getString("violating_type"));
        }
        return new AppendOutcome.BeyondHead(rows.getLong("head"));
    }

    /** The parameters of the function: one list of events and one of items, and where each request's part of them ends. */
    private static final class Arguments {

        private final List<Integer> lastEvents = new ArrayList<>();
        private final List<String> types = new ArrayList<>();
        private final List<String> tags = new ArrayList<>();
        private final List<String> data = new ArrayList<>();
        private final List<String> metadata = new ArrayList<>();
        private final List<Long> afters = new ArrayList<>();
        private final List<Integer> lastItems = new ArrayList<>();
        private final List<String> itemTypes = new ArrayList<>();
        private final List<String> itemTags = new ArrayList<>();

        void add(AppendRequest request) {
            for (Event event : request.events()) {
                types.add(event.type());
                tags.add(TextArrays.literal(event.tags()));
                data.add(event.data());
                metadata.add(event.metadata());
            }
            lastEvents.add(types.size());
            AppendCondition condition = request.condition();
            if (condition == null) {
                afters.add(null);
            } else {
                afters.add(condition.after());
                if (condition.failIfEventsMatch().isAll()) {
                    addItem(Set.of(), Set.of());
                }
                for (QueryItem item : condition.failIfEventsMatch().items()) {
                    addItem(item.types(), item.tags());
                }
            }
            lastItems.add(itemTypes.size());
        }

        private void addItem(Set<String> anyOfTypes, Set<Tag> allOfTags) {
            itemTypes.add(TextArrays.literal(anyOfTypes));
            itemTags.add(TextArrays.literal(allOfTags));
        }

        void bind(Connection connection, PreparedStatement statement, Duration lockTimeout) throws SQLException {
            statement.setInt(1, Math.toIntExact(lockTimeout.toMillis()));
            statement.setArray(2, connection.createArrayOf("integer", lastEvents.toArray()));
            statement.setArray(3, TextArrays.of(connection, types));
            statement.setArray(4, TextArrays.of(connection, tags));
            statement.setArray(5, TextArrays.of(connection, data));
            statement.setArray(6, TextArrays.of(connection, metadata));
            statement.setArray(7, connection.createArrayOf("bigint", afters.toArray()));
            statement.setArray(8, connection.createArrayOf("integer", lastItems.toArray()));
            statement.setArray(9, TextArrays.of(connection, itemTypes));
            statement.setArray(10, TextArrays.of(connection, itemTags));
        }
    }
}
