package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One caller's append, as part of a batch.
 *
 * @param events checked already
 * @param bytes of data and metadata of all of them, as UTF-8
 * @param condition null for an unconditional append
 */
record AppendRequest(
        List<Event> events, long bytes, @Nullable AppendCondition condition) {

    private List<QueryItem> items() {
        return condition == null ? List.of() : condition.failIfEventsMatch().items();
    }

    /** Returns how many rows and checks it is about. */
    int entries() {
        return events.size() + items().size();
    }

    /** Returns about how many bytes are sent for it. */
    long bytesToSend() {
        long all = bytes;
        for (Event event : events) {
            all += length(event.tags());
        }
        for (QueryItem item : items()) {
            all += length(item.tags());
        }
        return all;
    }

    private static long length(Set<Tag> tags) {
        long all = 0;
        for (Tag tag : tags) {
            all += tag.key().length() + tag.value().length();
        }
        return all;
    }
}
