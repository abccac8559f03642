package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLWarning;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.postgresql.PGNotification;
import org.postgresql.core.Notification;
import org.postgresql.geometric.PGpoint;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.util.PGInterval;

class ValuesTests {

    static Stream<Arguments> values() {
        return arguments(
                1,
                'x',
                true,
                "text",
                new byte[1],
                new String[] {"a", null},
                new Object[] {1, new Object[] {"a"}},
                BigDecimal.ONE,
                OffsetDateTime.now(),
                new Timestamp(0),
                UUID.randomUUID(),
                Collections.unmodifiableMap(Map.of("a", "b")),
                new SQLWarning(),
                new ByteArrayInputStream(new byte[0]),
                new StringReader(""),
                ResultSet.TYPE_FORWARD_ONLY,
                AutoSave.ALWAYS,
                new PGInterval(),
                new PGpoint(),
                new PGNotification[] {new Notification("news", 1)});
    }

    /** Each in an array of its own: one that is an array would be taken for several arguments. */
    private static Stream<Arguments> arguments(Object... all) {
        return Stream.of(all).map(one -> () -> new Object[] {one});
    }

    static Stream<Arguments> others() {
        Runnable unknown = () -> {};
        return arguments(
                InputStream.nullInputStream(),
                new ByteArrayInputStream(new byte[0]) {},
                new ByteArrayOutputStream(),
                new Object[] {1, unknown},
                unknown);
    }

    @ParameterizedTest
    @NullSource
    @MethodSource("values")
    void whatHoldsAllThatItShowsIsAValue(@Nullable Object value) {
        assertThat(Values.isValue(value)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("others")
    void whatIsUnknownIsNone(Object other) {
        assertThat(Values.isValue(other)).isFalse();
    }
}
