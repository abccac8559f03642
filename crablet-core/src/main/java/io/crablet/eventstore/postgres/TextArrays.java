package io.crablet.eventstore.postgres;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Arrays of text. */
final class TextArrays {

    private TextArrays() {}

    /** Returns an array of what the values are as text, written by the driver: as Strings, which it sends in the binary format. */
    static Array of(Connection connection, Collection<?> values) throws SQLException {
        return connection.createArrayOf(
                "text", values.stream().map(Object::toString).toArray(String[]::new));
    }

    /**
     * Returns an array as a text of its own, for an array of arrays of different lengths: PostgreSQL has none, so their texts are
     * the elements of one. Within quotes a quote and a backslash are all that has a meaning.
     */
    static String literal(Collection<?> values) {
        StringBuilder literal = new StringBuilder("{");
        String separator = "";
        for (Object value : values) {
            literal.append(separator).append('"');
            appendEscaped(value.toString(), literal);
            literal.append('"');
            separator = ",";
        }
        return literal.append('}').toString();
    }

    private static void appendEscaped(String text, StringBuilder literal) {
        if (text.indexOf('"') < 0 && text.indexOf('\\') < 0) {
            literal.append(text);
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                literal.append('\\');
            }
            literal.append(c);
        }
    }
}
