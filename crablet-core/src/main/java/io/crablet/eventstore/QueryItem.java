package io.crablet.eventstore;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * One alternative of a {@link Query}: an event matches if it has <em>any</em> of the types and <em>all</em> of the tags.
 *
 * @param types any of these; empty for events of every type; unmodifiable
 * @param tags all of these; empty for events with whatever tags; unmodifiable
 */
public record QueryItem(Set<String> types, Set<Tag> tags) {

    /**
     * Checks that the item asks for something.
     *
     * @param types any of these, or empty
     * @param tags all of these, or empty
     * @throws IllegalArgumentException if there is neither a type nor a tag, or a type that no event can have
     */
    public QueryItem {
        types = Event.unmodifiable(types);
        tags = Event.unmodifiable(tags);
        if (types.isEmpty() && tags.isEmpty()) {
            throw new IllegalArgumentException(
                    "query item has neither a type nor a tag; to match every event use Query.all()");
        }
        types.forEach(Event::requireType);
    }

    /**
     * Returns the item that matches events with any of these types, whatever their tags.
     *
     * @param types at least one
     * @return the item
     * @throws IllegalArgumentException as the constructor does
     */
    public static QueryItem ofTypes(String... types) {
        return new QueryItem(new LinkedHashSet<>(Arrays.asList(types)), Set.of());
    }

    /**
     * Returns the item that matches events with all of these tags, whatever their type.
     *
     * @param tags at least one
     * @return the item
     * @throws IllegalArgumentException as the constructor does
     */
    public static QueryItem ofTags(Tag... tags) {
        return new QueryItem(Set.of(), new LinkedHashSet<>(Arrays.asList(tags)));
    }

    /**
     * Returns this item with these tags in place of its own.
     *
     * @param tags all of which an event must have
     * @return the item
     * @throws IllegalArgumentException as the constructor does
     */
    public QueryItem withTags(Tag... tags) {
        return new QueryItem(types, new LinkedHashSet<>(Arrays.asList(tags)));
    }

    /**
     * Tells whether an event matches.
     *
     * @param event the event
     * @return whether it has any of the types and all of the tags
     */
    public boolean matches(Event event) {
        return (types.isEmpty() || types.contains(event.type())) && event.tags().containsAll(tags);
    }
}
