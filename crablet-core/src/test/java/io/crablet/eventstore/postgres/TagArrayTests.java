package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGStatement;

/** Tags are read exactly in both formats in which the server sends them. */
@ExtendWith(PostgresExtension.class)
class TagArrayTests {

    /** The driver asks for this format at the first execution already. */
    private static final int BINARY = -1;

    /** The driver never prepares the statement on the server, so it gets the text of the array. */
    private static final int TEXT = 0;

    private final TestDatabase database;

    TagArrayTests(TestDatabase database) {
        this.database = database;
    }

    @ParameterizedTest
    @ValueSource(ints = {TEXT, BINARY})
    void everyTextComesBackInItsOrder(int format) throws SQLException {
        List<Tag> tags = List.of(
                Tag.of("course", "c1"),
                Tag.of("b", "a"),
                Tag.of("commas", "a,b,,"),
                Tag.of("braces", "{a}{}"),
                Tag.of("{", "}"),
                Tag.of("quotes", "\"a\"\"\\\"'"),
                Tag.of("backslashes", "\\ \\\\ \\"),
                Tag.of("spaces", "  a b "),
                Tag.of("lines", "a\nb\r\tc"),
                Tag.of("colons", "::a:"),
                Tag.of("null", "NULL"),
                Tag.of("é漢", "ключ-😀-한글"),
                Tag.of("long", "😀".repeat(400)));

        assertThat(read(format, tags)).containsExactlyElementsOf(tags);
    }

    @ParameterizedTest
    @ValueSource(ints = {TEXT, BINARY})
    void thereMayBeNoneOrAHundred(int format) throws SQLException {
        List<Tag> hundred =
                IntStream.range(0, 100).mapToObj(i -> Tag.of("k" + i, "v" + i)).toList();

        assertThat(read(format, List.of())).isEmpty();
        assertThat(read(format, hundred)).containsExactlyElementsOf(hundred);
    }

    @ParameterizedTest
    @ValueSource(ints = {TEXT, BINARY})
    void theFirstIndexDoesNotMatter(int format) throws SQLException {
        assertThat(read(format, "select '[5:6]={a:1,b:2}'::text[]"))
                .containsExactly(Tag.of("a", "1"), Tag.of("b", "2"));
    }

    @ParameterizedTest
    @ValueSource(ints = {TEXT, BINARY})
    void anArrayOfArraysIsRefused(int format) {
        assertThatIllegalStateException().isThrownBy(() -> read(format, "select '{{a:1},{b:2}}'::text[]"));
    }

    @Test
    void theTwoFormatsAreTwo() throws SQLException {
        assertThat(bytes(TEXT, "select '{a:1}'::text[]")).isEqualTo("{a:1}".getBytes());
        assertThat(bytes(BINARY, "select '{a:1}'::text[]"))
                .startsWith(0, 0, 0, 1)
                .hasSize(27);
    }

    private Set<Tag> read(int format, List<Tag> tags) throws SQLException {
        return read(
                format,
                "select array["
                        + tags.stream()
                                .map(tag -> "'" + tag.toString().replace("'", "''") + "'")
                                .collect(Collectors.joining(","))
                        + "]::text[]");
    }

    private Set<Tag> read(int format, String sql) throws SQLException {
        return TagArray.tags(bytes(format, sql));
    }

    private byte[] bytes(int format, String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(format);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        }
    }
}
