package io.crablet.eventstore;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events are meant: all of them, or those that match any of some {@linkplain QueryItem items}.
 *
 * <p>Immutable.
 */
public final class Query {

    private static final Query ALL = new Query(List.of());

    private final List<QueryItem> items;

    private Query(List<QueryItem> items) {
        this.items = items;
    }

    /**
     * Returns the query that every event matches.
     *
     * @return the query
     */
    public static Query all() {
        return ALL;
    }

    /**
     * Returns the query for events that match any of these items.
     *
     * @param items at least one
     * @return the query
     * @throws IllegalArgumentException if there is none
     */
    public static Query of(QueryItem... items) {
        return of(List.of(items));
    }

    /**
     * Returns the query for events that match any of these items.
     *
     * @param items at least one; of equal ones the first counts
     * @return the query
     * @throws IllegalArgumentException if there is none
     */
    public static Query of(List<QueryItem> items) {
        if (items.isEmpty()) {
            throw new IllegalArgumentException("query has no item; to match every event use Query.all()");
        }
        return new Query(List.copyOf(new LinkedHashSet<>(items)));
    }

    /**
     * Returns the query for events with all of these tags.
     *
     * @param tags at least one
     * @return the query
     * @throws IllegalArgumentException if there is none
     */
    public static Query ofTags(Tag... tags) {
        return of(QueryItem.ofTags(tags));
    }

    /**
     * Returns the query for events with any of these types.
     *
     * @param types at least one
     * @return the query
     * @throws IllegalArgumentException if there is none, or one that no event can have
     */
    public static Query ofTypes(String... types) {
        return of(QueryItem.ofTypes(types));
    }

    /**
     * Returns the items, of which an event has to match any.
     *
     * @return the items in the order given; empty for the query that every event matches; unmodifiable
     */
    public List<QueryItem> items() {
        return items;
    }

    /**
     * Tells whether every event matches.
     *
     * @return whether this is {@link #all()}
     */
    public boolean isAll() {
        return items.isEmpty();
    }

    /**
     * Returns the query for events that match this one or another.
     *
     * @param other the other query
     * @return the query
     */
    public Query or(Query other) {
        if (isAll() || other.isAll()) {
            return ALL;
        }
        Set<QueryItem> union = new LinkedHashSet<>(items);
        union.addAll(other.items);
        return of(new ArrayList<>(union));
    }

    /**
     * Tells whether an event matches.
     *
     * @param event the event
     * @return whether any item matches it, or there is none to match
     */
    public boolean matches(Event event) {
        return isAll() || items.stream().anyMatch(item -> item.matches(event));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Query query && items.equals(query.items);
    }

    @Override
    public int hashCode() {
        return items.hashCode();
    }

    @Override
    public String toString() {
        return isAll() ? "Query[all]" : "Query" + items;
    }
}
