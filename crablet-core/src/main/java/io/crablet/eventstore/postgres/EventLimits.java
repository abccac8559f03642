package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.jackson.JsonSyntax;
import java.util.List;
import java.util.function.Supplier;
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
        Supplier<String> name = () -> "event " + index + " of type '" + event.type() + "'";
        Supplier<String> data = () -> "data of " + name.get();
        Supplier<String> metadata = () -> "metadata of " + name.get();
        long bytes = utf8Length(data, event.data()) + utf8Length(metadata, event.metadata());
        if (bytes > maxEventBytes) {
            throw new IllegalArgumentException(name.get() + " has " + bytes
                    + " bytes of data and metadata, the limit is " + maxEventBytes
                    + "; store what is large elsewhere and refer to it");
        }
        JsonSyntax.requireValue(data, event.data());
        JsonSyntax.requireObject(metadata, event.metadata());
        return bytes;
    }

    /** Counts without encoding, which would copy the text. */
    private static long utf8Length(Supplier<String> what, String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                throw new IllegalArgumentException(
                        what.get() + " holds half a surrogate pair, which is no character and cannot be stored");
            }
        }
        return bytes;
    }
}
