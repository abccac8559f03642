package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Tag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Reads tags from a {@code text[]} as the server has sent it: in PostgreSQL's binary format, or, where the driver has not prepared
 * the statement on the server yet, as the text of an array. It is most of what reading an event costs, and this takes a fraction
 * of the time of {@link java.sql.Array}.
 */
final class TagArray {

    private TagArray() {}

    static Set<Tag> tags(byte[] array) {
        // The binary format begins with the number of dimensions in four bytes, the text with a brace or a bracket.
        return array[0] == 0 ? ofBinary(ByteBuffer.wrap(array)) : ofText(array);
    }

    private static Set<Tag> ofBinary(ByteBuffer array) {
        int dimensions = array.getInt();
        if (dimensions == 0) {
            return Set.of();
        }
        requireFlat(dimensions == 1);
        array.getInt(); // whether there are nulls
        array.getInt(); // type of the elements
        int size = array.getInt();
        array.getInt(); // index of the first one
        Set<Tag> tags = new LinkedHashSet<>(size * 2);
        for (int i = 0; i < size; i++) {
            int length = array.getInt();
            tags.add(tag(array.array(), array.position(), length));
            array.position(array.position() + length);
        }
        return tags;
    }

    /** Quotes, commas, braces and backslashes are ASCII, and no part of any other character in UTF-8. */
    private static Set<Tag> ofText(byte[] array) {
        Set<Tag> tags = new LinkedHashSet<>();
        byte[] element = new byte[array.length];
        int at = 0;
        while (array[at] != '{') {
            at++; // bounds come first where they are not the usual ones
        }
        at++;
        while (array[at] != '}') {
            requireFlat(array[at] != '{');
            boolean isQuoted = array[at] == '"';
            if (isQuoted) {
                at++;
            }
            int length = 0;
            while (isQuoted ? array[at] != '"' : array[at] != ',' && array[at] != '}') {
                if (array[at] == '\\') {
                    at++;
                }
                element[length++] = array[at++];
            }
            tags.add(tag(element, 0, length));
            if (isQuoted) {
                at++;
            }
            if (array[at] == ',') {
                at++;
            }
        }
        return tags;
    }

    private static Tag tag(byte[] bytes, int offset, int length) {
        return Tag.parse(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    private static void requireFlat(boolean isFlat) {
        if (!isFlat) {
            throw new IllegalStateException(
                    "the tags of an event are an array of arrays; they were not appended by the store");
        }
    }
}
