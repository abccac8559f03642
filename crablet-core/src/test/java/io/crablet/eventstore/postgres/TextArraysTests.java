package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The server reads arrays as they were meant. */
@ExtendWith(PostgresExtension.class)
class TextArraysTests {

    private static final List<String> TEXTS = List.of(
            "a",
            "",
            "NULL",
            "null",
            "a,b",
            "{a}",
            "{",
            "}",
            "\"",
            "\\",
            "\\\"",
            "a\"b\\c\\",
            " a ",
            "\n\t",
            "'",
            "é漢😀");

    private final TestDatabase database;

    TextArraysTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void aLiteralHoldsEveryText() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("select ?::text[], '{}'::text[] = ?::text[]")) {
            statement.setString(1, TextArrays.literal(TEXTS));
            statement.setString(2, TextArrays.literal(List.of()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                assertThat((String[]) row.getArray(1).getArray()).containsExactlyElementsOf(TEXTS);
                assertThat(row.getBoolean(2)).isTrue();
            }
        }
    }

    @Test
    void anArrayHoldsWhatItsLiteralHolds() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement("select ?::text[] = ?::text[]")) {
            statement.setArray(1, TextArrays.of(connection, TEXTS));
            statement.setString(2, TextArrays.literal(TEXTS));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                assertThat(row.getBoolean(1)).isTrue();
            }
        }
    }
}
