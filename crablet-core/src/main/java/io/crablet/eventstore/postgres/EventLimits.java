package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.jackson.JsonSyntax;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an append may hold, checked before a connection is borrowed.
 *
 * @param maxEventBytes the most bytes of UTF-8 that the data and metadata of an event may have together
 * @param maxBatchEvents the most events of one append
 * @param maxBatchBytes the most bytes that the data and metadata of all events of one append may have together
 */
record EventLimits(int maxEventBytes, int maxBatchEvents, int maxBatchBytes) {

    /**
     * Checks the events of an append.
     *
     * @param condition null for an unconditional append
     * @return the append, with a copy of the events that nobody can change any more
     */
    AppendRequest check(List<Event> events, @Nullable AppendCondition condition) {
        List<Event> copy = List.copyOf(events);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("there is no event to append; give at least one");
        }
        if (copy.size() > maxBatchEvents) {
            throw new IllegalArgumentException(
                    copy.size() + " events in one append, the limit is " + maxBatchEvents + "; append them in parts");
        }
        long bytes = 0;
        for (int i = 0; i < copy.size(); i++) {
            bytes += check(i, copy.get(i));
        }
        if (bytes > maxBatchBytes) {
            throw new IllegalArgumentException("the events of one append have " + bytes
                    + " bytes of data and metadata, the limit is " + maxBatchBytes + "; append them in parts");
        }
        return new AppendRequest(copy, bytes, condition);
    }

    private long check(int index, Event event) {
        String name = "event " + index + " of type '" + event.type() + "'";
        long bytes = (long) utf8Length("data of " + name, event.data())
                + utf8Length("metadata of " + name, event.metadata());
        if (bytes > maxEventBytes) {
            throw new IllegalArgumentException(name + " has " + bytes + " bytes of data and metadata, the limit is "
                    + maxEventBytes + "; store what is large elsewhere and refer to it");
        }
        JsonSyntax.requireValue("data of " + name, event.data());
        JsonSyntax.requireObject("metadata of " + name, event.metadata());
        return bytes;
    }

    private static int utf8Length(String what, String text) {
        try {
            return StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(text))
                    .remaining();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    what + " holds half a surrogate pair, which is no character and cannot be stored", e);
        }
    }
}
