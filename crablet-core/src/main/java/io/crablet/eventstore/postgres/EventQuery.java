package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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

    /** How far to look ahead for the rarest of an item's tags and types. */
    private static final int STRIDE = 100;

    private static final String COLUMNS = "e.type, e.tags, e.data, e.metadata, e.occurred_at, e.bytes";

    private final String schema;
    private final Window window;
    private final Parameters parameters;
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

    EventQuery(String quotedSchema, Query query, Window window) {
        this.schema = quotedSchema;
        this.window = window;
        this.parameters = new Parameters();
        this.sql = select(query);
    }

    private EventQuery(EventQuery whole, Parameters parameters, String sql) {
        this.schema = whole.schema;
        this.window = whole.window;
        this.parameters = parameters;
        this.sql = sql;
    }

    /**
     * Returns the query for no more of these events than have {@link #PAGE_BYTES} before them. There is always one, so a page
     * is larger by one event at the most.
     */
    EventQuery page() {
        String order = "position" + (window.backwards() ? " desc" : "");
        Parameters all = parameters.copy();
        String page = """
                select position, type, tags, data, metadata, occurred_at, bytes
                from (
                    select e.*, sum(bytes) over (order by %1$s rows unbounded preceding) - bytes as bytes_before
                    from (
                        %2$s
                    ) e
                ) e
                where bytes_before < %3$s
                order by %1$s""".formatted(order, sql, all.number(PAGE_BYTES));
        return new EventQuery(this, all, page);
    }

    /** A select that can be pasted into psql once its parameters are filled in. */
    String sql() {
        return sql;
    }

    void bind(Connection connection, PreparedStatement statement) throws SQLException {
        parameters.bind(connection, statement);
    }

    private String select(Query query) {
        String columns = "e.position, " + COLUMNS;
        if (query.isAll()) {
            return "select " + columns + " from " + log() + " e where e.position > " + parameters.number(window.after())
                    + " and e.position <= " + parameters.number(window.until()) + inOrder("e.position") + limit();
        }
        QueryItem item = query.items().get(0);
        if (query.items().size() > 1 || item.tags().isEmpty() && item.types().size() > 1) {
            return "select " + columns + " " + fromAnyOf(query.items());
        }
        if (item.tags().isEmpty()) {
            String type = item.types().iterator().next();
            return "select " + columns + " " + fromType(() -> parameters.text(type)) + limit();
        }
        if (item.tags().size() == 1 && item.types().isEmpty()) {
            return "select " + columns + " from "
                    + tagged(parameters.text(item.tags().iterator().next())) + inOrder("t.position") + limit();
        }
        return fromOne(item);
    }

    /** Of one item that more than one index knows about. */
    private String fromOne(QueryItem item) {
        Supplier<String> tags = () -> parameters.array(item.tags());
        Supplier<String> types = () -> parameters.array(item.types());
        return """
                with driver as materialized (
                    select %s as tag
                )
                select e.* from (
                    %s
                ) e
                %s""".formatted(
                        driver(tags, types),
                        matching(", " + COLUMNS, "(select tag from driver)", tags, types),
                        inOrder("e.position") + limit());
    }

    private String fromAnyOf(List<QueryItem> items) {
        List<QueryItem> withTags =
                items.stream().filter(item -> !item.tags().isEmpty()).toList();
        List<String> types = items.stream()
                .filter(item -> item.tags().isEmpty())
                .flatMap(item -> item.types().stream())
                .toList();
        return """
                from (
                    select matching.position
                    from unnest(%s, %s) as item(tags, types)
                    cross join lateral (select item.tags::text[], item.types::text[] offset 0) as of_all(tags, types)
                    cross join lateral (select %s offset 0) as driver(tag)
                    cross join lateral (
                        %s
                    ) matching
                    union
                    select matching.position
                    from unnest(%s) as any_of(type)
                    cross join lateral (
                        select e.position %s
                    ) matching
                ) matching
                cross join lateral %s
                %s""".formatted(
                parameters.arrayOfArrays(withTags.stream().map(QueryItem::tags).toList()),
                parameters.arrayOfArrays(withTags.stream().map(QueryItem::types).toList()),
                driver(() -> "of_all.tags", () -> "of_all.types"),
                matching("", "driver.tag", () -> "of_all.tags", () -> "of_all.types"),
                parameters.array(types),
                fromType(() -> "any_of.type") + limit(),
                eventAt("matching"),
                inOrder("matching.position") + limit());
    }

    /**
     * Which tag's events to walk along: that whose next events lead farthest, so that the rarest decides what the query costs;
     * null if it is the types. The first tag needs no comparing if it is rare itself.
     */
    private String driver(Supplier<String> tags, Supplier<String> types) {
        return """
                case when %s is null then (%s::text[])[1] else (
                    select s.tag
                    from (
                        select any_of.tag, %s as leads_to from unnest(%s) as any_of(tag)
                        union all
                        select null, (
                            select p.position
                            from unnest(%s) as any_of(type) cross join lateral (select e.position %s limit %d) p
                            %s offset %d limit 1
                        )
                        where %s <> '{}'
                    ) s
                    order by s.leads_to %s nulls first limit 1
                ) end""".formatted(
                        leadsTo(() -> "(" + tags.get() + "::text[])[1]"),
                        tags.get(),
                        leadsTo(() -> "any_of.tag"),
                        tags.get(),
                        types.get(),
                        fromType(() -> "any_of.type"),
                        STRIDE,
                        inOrder("p.position"),
                        STRIDE - 1,
                        types.get(),
                        window.backwards() ? "asc" : "desc");
    }

    private String leadsTo(Supplier<String> tag) {
        return "(select p.position from " + schema + ".crablet_event_tags p where " + within("p.tag", "p.position", tag)
                + inOrder("p.tag", "p.position") + " offset " + (STRIDE - 1) + " limit 1)";
    }

    /** Of the two walks, the one that is not the driver's ends at once. */
    private String matching(String columns, String driver, Supplier<String> tags, Supplier<String> types) {
        return """
                (
                    select t.position%1$s
                    from %2$s and e.tags @> %3$s and (%4$s = '{}' or e.type = any (%5$s))
                    %6$s
                )
                union all
                (
                    select e.position%1$s
                    from unnest(case when %7$s is null then %8$s::text[] end) as any_of(type)
                    cross join lateral (
                        select e.* from (
                            select e.* %9$s
                        ) e
                        where e.tags @> %10$s
                        %11$s
                    ) e
                    %12$s
                )""".formatted(
                        columns,
                        joined("t") + " where " + within("t.tag", "t.position", () -> driver),
                        tags.get(),
                        types.get(),
                        types.get(),
                        inOrder("t.tag", "t.position") + limit(),
                        driver,
                        types.get(),
                        fromType(() -> "any_of.type") + " limit " + parameters.number(Long.MAX_VALUE),
                        tags.get(),
                        inOrder("e.type", "e.position") + limit(),
                        inOrder("e.position") + limit());
    }

    private String fromType(Supplier<String> type) {
        return "from " + log() + " e where " + within("e.type", "e.position", type) + inOrder("e.type", "e.position");
    }

    /** As rows, so that there is no way but along the index, however few of them the planner expects. */
    private String within(String column, String position, Supplier<String> value) {
        String row = "(" + column + ", " + position + ")";
        return row + " > (" + value.get() + ", " + parameters.number(window.after()) + ") and " + row + " <= ("
                + value.get() + ", " + parameters.number(window.until()) + ")";
    }

    private String tagged(String tag) {
        return joined("t") + " where t.tag = " + tag + " and t.position > " + parameters.number(window.after())
                + " and t.position <= " + parameters.number(window.until());
    }

    private String joined(String tags) {
        return schema + ".crablet_event_tags " + tags + " cross join lateral " + eventAt(tags);
    }

    private String eventAt(String table) {
        return "(select * from " + log() + " where position = " + table + ".position offset 0) e";
    }

    private String log() {
        return schema + ".crablet_events";
    }

    private String inOrder(String... columns) {
        String direction = window.backwards() ? " desc" : "";
        return " order by " + String.join(direction + ", ", columns) + direction;
    }

    private String limit() {
        return " limit " + parameters.number(window.limit());
    }
}
