package io.crablet.eventstore.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The parameters of a statement that is being written: each adds a value, and returns the placeholder to write for it. Not thread-safe. */
final class Parameters {

    private interface Parameter {
        void bind(Connection connection, PreparedStatement statement, int index) throws SQLException;
    }

    private final List<Parameter> parameters = new ArrayList<>();

    Parameters copy() {
        Parameters copy = new Parameters();
        copy.parameters.addAll(parameters);
        return copy;
    }

    void bind(Connection connection, PreparedStatement statement) throws SQLException {
        int index = 0;
        for (Parameter parameter : parameters) {
            index++;
            parameter.bind(connection, statement, index);
        }
    }

    String number(long value) {
        return placeholder((connection, statement, index) -> statement.setLong(index, value));
    }

    String text(Object value) {
        return placeholder((connection, statement, index) -> statement.setString(index, value.toString()));
    }

    String array(Collection<?> values) {
        return placeholder(
                (connection, statement, index) -> statement.setArray(index, TextArrays.of(connection, values)));
    }

    /** Of arrays as the text of each, as SQL has none whose rows differ in length. */
    String arrayOfArrays(List<? extends Collection<?>> arrays) {
        return placeholder((connection, statement, index) -> {
            List<String> literals = new ArrayList<>(arrays.size());
            for (Collection<?> array : arrays) {
                literals.add(TextArrays.literal(array));
            }
            statement.setArray(index, TextArrays.of(connection, literals));
        });
    }

    private String placeholder(Parameter parameter) {
        parameters.add(parameter);
        return "?";
    }
}
