package io.crablet.eventstore.postgres;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Arrays of text, written by the driver, so that they are right for every text. */
final class TextArrays {

    private TextArrays() {}

    /** Returns an array of what the values are as text. */
    static Array of(Connection connection, Collection<?> values) throws SQLException {
        return connection.createArrayOf(
                "text", values.stream().map(Object::toString).toArray());
    }

    /** Returns an array's text, for an array of arrays of different lengths: PostgreSQL has none, so their texts are sent. */
    static String literal(Connection connection, Collection<?> values) throws SQLException {
        return of(connection, values).toString();
    }
}
