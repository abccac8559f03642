package io.crablet.eventstore;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Something that happened, as it is given to {@link EventStore#append}.
 *
 * @param type what happened, for example {@code CourseDefined}; not empty, {@value #MAX_TYPE_LENGTH} characters at most
 * @param tags what it happened to; {@value #MAX_TAGS} at most, kept in the order given; unmodifiable
 * @param data JSON, stored and returned exactly as written, white space and the order of keys included
 * @param metadata a JSON object with what is not part of the event itself, for example a correlation id; exact too
 */
public record Event(String type, Set<Tag> tags, String data, String metadata) {

    /** The most characters (UTF-16 units) that a type may have. */
    public static final int MAX_TYPE_LENGTH = 255;

    /** The most tags that an event may have. */
    public static final int MAX_TAGS = 100;

    private static final String NO_METADATA = "{}";

    /**
     * Checks the type and the number of tags. Whether {@code data} and {@code metadata} are JSON, and not too large, is
     * checked when the event is appended.
     *
     * @param type what happened
     * @param tags what it happened to
     * @param data JSON
     * @param metadata a JSON object
     * @throws IllegalArgumentException if the type is empty, too long or not storable, or there are too many tags
     */
    public Event {
        requireType(type);
        Objects.requireNonNull(data, "event data is null; JSON has the literal null for it");
        Objects.requireNonNull(metadata, "event metadata is null; the empty object is {}");
        if (tags.size() > MAX_TAGS) {
            throw new IllegalArgumentException(
                    "event of type '" + type + "' has " + tags.size() + " tags, the limit is " + MAX_TAGS);
        }
        tags = unmodifiable(tags);
    }

    /**
     * Returns an event without metadata.
     *
     * @param type what happened
     * @param data JSON
     * @param tags what it happened to; one given twice counts once
     * @return the event
     * @throws IllegalArgumentException as the constructor does
     */
    public static Event of(String type, String data, Tag... tags) {
        return new Event(type, new LinkedHashSet<>(Arrays.asList(tags)), data, NO_METADATA);
    }

    /**
     * Returns an event without metadata.
     *
     * @param type what happened
     * @param data JSON
     * @param tags what it happened to; one given twice counts once
     * @return the event
     * @throws IllegalArgumentException as the constructor does
     */
    public static Event of(String type, String data, List<Tag> tags) {
        return new Event(type, new LinkedHashSet<>(tags), data, NO_METADATA);
    }

    /**
     * Returns this event with other metadata.
     *
     * @param metadata a JSON object
     * @return the event
     */
    public Event withMetadata(String metadata) {
        return new Event(type, tags, data, metadata);
    }

    /** Returns type and tags. Data and metadata are left out, so that they do not end in a log by accident. */
    @Override
    public String toString() {
        return "Event[type=" + type + ", tags=" + tags + "]";
    }

    static String requireType(String type) {
        if (type.isEmpty()) {
            throw new IllegalArgumentException("event type is empty");
        }
        if (type.length() > MAX_TYPE_LENGTH) {
            throw new IllegalArgumentException(
                    "event type has " + type.length() + " characters, the limit is " + MAX_TYPE_LENGTH);
        }
        return Text.requireStorable("event type", type);
    }

    static <T> Set<T> unmodifiable(Set<T> set) {
        Set<T> copy = new LinkedHashSet<>(set);
        copy.forEach(Objects::requireNonNull);
        return Collections.unmodifiableSet(copy);
    }
}
