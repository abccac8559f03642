package io.crablet.sample.event;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.Tag;
import java.time.Instant;
import java.util.List;

/**
 * An event as one line of JSON.
 *
 * @param position its position
 * @param occurredAt when it was appended
 * @param type what happened
 * @param tags what it happened to, each {@code key:value}
 * @param data as it was written
 * @param metadata as it was written
 */
record EventLine(
        long position,
        Instant occurredAt,
        String type,
        List<String> tags,
        @JsonRawValue String data,
        @JsonRawValue String metadata) {

    static EventLine of(SequencedEvent event) {
        return new EventLine(
                event.position(),
                event.occurredAt(),
                event.event().type(),
                event.event().tags().stream().map(Tag::toString).toList(),
                onOneLine(event.event().data()),
                onOneLine(event.event().metadata()));
    }

    /** JSON has line breaks between its tokens only, where a space means the same. */
    private static String onOneLine(String json) {
        return json.replace('\n', ' ').replace('\r', ' ');
    }
}
