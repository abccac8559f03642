package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.Tag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The SQL of a query for events. Each alternative of the query reads an index in the order of positions and stops at the
 * limit, whatever the plan cache does: there is no {@code OR} in it, and no parameter that could be null.
 */
final class EventQuery {

    private static final String COLUMNS = "e.position, e.type, e.tags, e.data, e.metadata, e.occurred_at";

    private final String schema;
    private final Window window;
    private final List<Object> parameters = new ArrayList<>();
    private final String sql;

    /**
     * A part of the log.
     *
     * @param after exclusive
     * @param until inclusive
     * @param limit {@link Long#MAX_VALUE} for no limit
     */
    record Window(long after, long until, long limit, boolean backwards) {

        static Window of(ReadOptions options) {
            return new Window(options.after(), options.until(), options.limit(), options.backwards());
        }

        boolean isLimited() {
            return limit != Long.MAX_VALUE;
        }
    }

    EventQuery(String quotedSchema, Query query, Window window) {
        this.schema = quotedSchema;
        this.window = window;
        List<String> alternatives = alternatives(query);
        if (alternatives.size() == 1) {
            this.sql = "select " + COLUMNS + alternatives.get(0);
        } else {
            this.sql = alternatives.stream()
                            .map(alternative -> "(select e.position" + alternative + ")")
                            .collect(Collectors.joining(
                                    "\nunion\n",
                                    "select " + COLUMNS + " from (\n",
                                    "\n) matching join " + schema
                                            + ".crablet_events e on e.position = matching.position"))
                    + inOrder("matching");
        }
    }

    /** A select that can be pasted into psql once its parameters are filled in. */
    String sql() {
        return sql;
    }

    void bind(Connection connection, PreparedStatement statement) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            Object parameter = parameters.get(i);
            if (parameter instanceof String[] texts) {
                statement.setArray(i + 1, connection.createArrayOf("text", texts));
            } else {
                statement.setObject(i + 1, parameter);
            }
        }
    }

    /** What follows the select list, for each alternative that one index can answer. */
    private List<String> alternatives(Query query) {
        if (query.isAll()) {
            return List.of(fromLog() + " where " + inWindow("e") + inOrder("e"));
        }
        List<String> alternatives = new ArrayList<>();
        for (QueryItem item : query.items()) {
            if (item.tags().isEmpty()) {
                for (String type : item.types()) {
                    alternatives.add(withType(type));
                }
            } else {
                alternatives.add(withTags(item.tags(), item.types()));
            }
        }
        return alternatives;
    }

    private String withType(String type) {
        parameters.add(type);
        return fromLog() + " where e.type = ? and " + inWindow("e") + inOrder("e");
    }

    private String withTags(Set<Tag> tags, Set<String> types) {
        String[] texts = tags.stream().map(Tag::toString).toArray(String[]::new);
        StringBuilder from = new StringBuilder(" from " + schema + ".crablet_event_tags t join " + schema
                + ".crablet_events e on e.position = t.position where t.tag = ? and ");
        parameters.add(texts[0]);
        from.append(inWindow("t"));
        if (texts.length > 1) {
            from.append(" and e.tags @> ?");
            parameters.add(texts);
        }
        if (!types.isEmpty()) {
            from.append(" and e.type = any (?)");
            parameters.add(types.toArray(String[]::new));
        }
        return from.append(inOrder("t")).toString();
    }

    private String fromLog() {
        return " from " + schema + ".crablet_events e";
    }

    private String inWindow(String table) {
        parameters.add(window.after());
        parameters.add(window.until());
        return table + ".position > ? and " + table + ".position <= ?";
    }

    private String inOrder(String table) {
        String order = " order by " + table + ".position" + (window.backwards() ? " desc" : "");
        if (!window.isLimited()) {
            return order;
        }
        parameters.add(window.limit());
        return order + " limit ?";
    }
}
