package io.crablet.eventstore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The log as a plain list, with its own judgement of what matches: what a store is compared with. */
public final class ModelLog {

    private final List<Event> events = new ArrayList<>();

    /** Why a condition fails: its first item that an event matches, null for all, and the first such event. */
    public record Violation(QueryItem item, long position) {}

    void append(List<Event> appended) {
        events.addAll(appended);
    }

    long head() {
        return events.size();
    }

    Event event(long position) {
        return events.get(Math.toIntExact(position - 1));
    }

    List<Long> read(Query query, ReadOptions options) {
        List<Long> found = positionsAfter(options.after())
                .filter(position -> position <= options.until() && matches(query, event(position)))
                .boxed()
                .collect(Collectors.toCollection(ArrayList::new));
        if (options.backwards()) {
            Collections.reverse(found);
        }
        return found.stream().limit(options.limit()).toList();
    }

    Optional<Violation> violation(AppendCondition condition) {
        if (condition.failIfEventsMatch().isAll()) {
            return positionsAfter(condition.after())
                    .mapToObj(position -> new Violation(null, position))
                    .findFirst();
        }
        return condition.failIfEventsMatch().items().stream()
                .flatMap(item -> positionsAfter(condition.after())
                        .filter(position -> matches(item, event(position)))
                        .mapToObj(position -> new Violation(item, position))
                        .limit(1))
                .findFirst();
    }

    private LongStream positionsAfter(long after) {
        return LongStream.rangeClosed(Math.min(after, head()) + 1, head());
    }

    /** Tells whether the event matches, without asking the query. */
    public static boolean matches(Query query, Event event) {
        return query.isAll() || query.items().stream().anyMatch(item -> matches(item, event));
    }

    /** Tells whether the event matches, without asking the item. */
    public static boolean matches(QueryItem item, Event event) {
        boolean type = item.types().isEmpty();
        for (String wanted : item.types()) {
            type |= wanted.equals(event.type());
        }
        int tags = 0;
        for (Tag wanted : item.tags()) {
            for (Tag tag : event.tags()) {
                tags += wanted.key().equals(tag.key()) && wanted.value().equals(tag.value()) ? 1 : 0;
            }
        }
        return type && tags == item.tags().size();
    }
}
