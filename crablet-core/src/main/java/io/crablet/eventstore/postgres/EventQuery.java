package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.Tag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * The SQL of a query for events. Each alternative of the query walks along one index in the order of positions and stops at the
 * limit, also with the generic plan that a prepared statement gets from its sixth execution on, which knows neither the
 * tags nor the limit. Three things see to that: there is always a limit; types are compared as rows, so that the primary key
 * is no way to sort by them; and {@code offset 0} keeps the planner from joining the log in any other way than row by row.
 *
 * <p>A query with several alternatives sends them as arrays. Its SQL is the same for two items and for a thousand, which as
 * a union would take the planner half a minute.
 */
final class EventQuery {

    /** How many bytes of data and metadata a page should hold in memory, and a cursor fetch at once. */
    static final long PAGE_BYTES = 4_000_000;

    private final String schema;
    private final Window window;
    private final List<Parameter> parameters = new ArrayList<>();
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
    }

    private interface Parameter {
        void bind(Connection connection, PreparedStatement statement, int index) throws SQLException;
    }

    EventQuery(String quotedSchema, Query query, Window window) {
        this.schema = quotedSchema;
        this.window = window;
        this.sql = "select e.position, e.type, e.tags, e.data, e.metadata, e.occurred_at, e.bytes " + from(query);
    }

    private EventQuery(EventQuery whole, String sql, Parameter last) {
        this.schema = whole.schema;
        this.window = whole.window;
        this.parameters.addAll(whole.parameters);
        this.parameters.add(last);
        this.sql = sql;
    }

    /**
     * Returns the query for no more of these events than have {@link #PAGE_BYTES} before them. There is always one, so a page
     * is larger by one event at the most.
     */
    EventQuery page() {
        String order = "position" + (window.backwards() ? " desc" : "");
        String page = """
                select position, type, tags, data, metadata, occurred_at, bytes
                from (
                    select e.*, sum(bytes) over (order by %1$s rows unbounded preceding) - bytes as bytes_before
                    from (
                        %2$s
                    ) e
                ) e
                where bytes_before < ?
                order by %1$s""".formatted(order, sql);
        return new EventQuery(this, page, (connection, statement, index) -> statement.setLong(index, PAGE_BYTES));
    }

    /** A select that can be pasted into psql once its parameters are filled in. */
    String sql() {
        return sql;
    }

    void bind(Connection connection, PreparedStatement statement) throws SQLException {
        int index = 0;
        for (Parameter parameter : parameters) {
            index++;
            parameter.bind(connection, statement, index);
        }
    }

    private String from(Query query) {
        if (query.isAll()) {
            return "from " + log() + " e where e.position > " + number(window.after()) + " and e.position <= "
                    + number(window.until()) + inOrder("e.position");
        }
        QueryItem item = query.items().get(0);
        if (query.items().size() > 1 || item.tags().isEmpty() && item.types().size() > 1) {
            return fromAnyOf(query.items());
        }
        if (!item.tags().isEmpty()) {
            return fromTags(item);
        }
        String type = item.types().iterator().next();
        return fromType(() -> text(type));
    }

    private String fromTags(QueryItem item) {
        String from = "from " + tagged(text(item.tags().iterator().next()));
        if (item.tags().size() > 1) {
            from += " and e.tags @> " + array(item.tags());
        }
        if (!item.types().isEmpty()) {
            from += " and e.type = any (" + array(item.types()) + ")";
        }
        return from + inOrder("t.position");
    }

    private String fromAnyOf(List<QueryItem> items) {
        List<QueryItem> withTags =
                items.stream().filter(item -> !item.tags().isEmpty()).toList();
        List<String> types = items.stream()
                .filter(item -> item.tags().isEmpty())
                .flatMap(item -> item.types().stream())
                .toList();
        List<Tag> firstTags =
                withTags.stream().map(item -> item.tags().iterator().next()).toList();
        return """
                from (
                    select matching.position
                    from unnest(%s, %s, %s) as item(tag, tags, types)
                    cross join lateral (
                        select t.position from %s
                          and e.tags @> item.tags::text[]
                          and (item.types = '{}' or e.type = any (item.types::text[]))
                        %s
                    ) matching
                    union
                    select matching.position
                    from unnest(%s) as item(type)
                    cross join lateral (
                        select e.position %s
                    ) matching
                ) matching
                cross join lateral %s
                %s""".formatted(
                        array(firstTags),
                        arrayOfArrays(withTags.stream().map(QueryItem::tags).toList()),
                        arrayOfArrays(withTags.stream().map(QueryItem::types).toList()),
                        tagged("item.tag"),
                        inOrder("t.position"),
                        array(types),
                        fromType(() -> "item.type"),
                        eventAt("matching"),
                        inOrder("matching.position"));
    }

    private String fromType(Supplier<String> type) {
        return "from " + log() + " e where (e.type, e.position) > (" + type.get() + ", " + number(window.after())
                + ") and (e.type, e.position) <= (" + type.get() + ", " + number(window.until()) + ")"
                + inOrder("e.type", "e.position");
    }

    private String tagged(String tag) {
        return schema + ".crablet_event_tags t cross join lateral " + eventAt("t") + " where t.tag = " + tag
                + " and t.position > " + number(window.after()) + " and t.position <= " + number(window.until());
    }

    private String eventAt(String table) {
        return "(select * from " + log() + " where position = " + table + ".position offset 0) e";
    }

    private String log() {
        return schema + ".crablet_events";
    }

    private String inOrder(String... columns) {
        String direction = window.backwards() ? " desc" : "";
        return " order by " + String.join(direction + ", ", columns) + direction + " limit " + number(window.limit());
    }

    private String number(long value) {
        return parameter((connection, statement, index) -> statement.setLong(index, value));
    }

    private String text(Object value) {
        return parameter((connection, statement, index) -> statement.setString(index, value.toString()));
    }

    private String array(Collection<?> values) {
        return parameter(
                (connection, statement, index) -> statement.setArray(index, TextArrays.of(connection, values)));
    }

    private String arrayOfArrays(List<? extends Collection<?>> arrays) {
        return parameter((connection, statement, index) -> {
            List<String> literals = new ArrayList<>(arrays.size());
            for (Collection<?> array : arrays) {
                literals.add(TextArrays.literal(array));
            }
            statement.setArray(index, TextArrays.of(connection, literals));
        });
    }

    private String parameter(Parameter parameter) {
        parameters.add(parameter);
        return "?";
    }
}
