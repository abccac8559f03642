package io.crablet.eventstore;

import java.nio.charset.StandardCharsets;

/**
 * A key and a value that an event carries and a query asks for, such as {@code course:c1}.
 *
 * <p>Written as {@code key:value}. The key holds no colon; the value may hold anything that is text: colons, commas, braces,
 * quotes, backslashes, spaces and emoji come back exactly as they were given.
 *
 * @param key what the value is of; not empty, without a colon
 * @param value not empty
 */
public record Tag(String key, String value) {

    /**
     * The longest a tag may be, in bytes of UTF-8, key and colon included. A row of a PostgreSQL B-tree holds 2,704 bytes
     * at the most.
     */
    public static final int MAX_BYTES = 2_000;

    private static final char SEPARATOR = ':';

    /**
     * Checks the key and the value.
     *
     * @param key what the value is of
     * @param value not empty
     * @throws IllegalArgumentException if either is empty, the key holds a colon, either holds what PostgreSQL cannot
     *     store, or both together are longer than {@link #MAX_BYTES}
     */
    public Tag {
        requireNotEmpty("tag key", key);
        requireNotEmpty("tag value", value);
        if (key.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException(
                    "tag key '" + key + "' holds a colon, which separates key and value; use another character");
        }
        // A character has three bytes at the most.
        boolean isShort = (key.length() + 1L + value.length()) * 3 <= MAX_BYTES;
        int bytes = isShort ? 0 : utf8Length(key) + 1 + utf8Length(value);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("tag with key '" + abbreviate(key) + "' has " + bytes
                    + " bytes in UTF-8, the limit is " + MAX_BYTES);
        }
    }

    /**
     * Returns the tag of a key and a value.
     *
     * @param key what the value is of
     * @param value the value
     * @return the tag
     * @throws IllegalArgumentException as the constructor does
     */
    public static Tag of(String key, String value) {
        return new Tag(key, value);
    }

    /**
     * Reads a tag from its written form. The first colon ends the key.
     *
     * @param text {@code key:value}
     * @return the tag
     * @throws IllegalArgumentException if there is no colon, or as the constructor does
     */
    public static Tag parse(String text) {
        int separator = text.indexOf(SEPARATOR);
        if (separator < 0) {
            throw new IllegalArgumentException("tag '" + abbreviate(text) + "' is not of the form key:value");
        }
        return new Tag(text.substring(0, separator), text.substring(separator + 1));
    }

    /** Returns the written form, {@code key:value}. */
    @Override
    public String toString() {
        return key + SEPARATOR + value;
    }

    private static void requireNotEmpty(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(what + " is empty");
        }
        Text.requireStorable(what, text);
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String abbreviate(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
