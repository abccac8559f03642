package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HikariCorrectionsTests {

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            # max-lifetime, keepalive, leak detection, idle-timeout, minimum, maximum, correction
            1800000,      0,        0, 600000,  5, 10, ""
            0,            0,        0, 600000,  5, 10, ""
            5000,         0,        0, 600000,  5, 10, "max-lifetime 5000 ms is below 30000 ms: Hikari takes 1800000 ms"
            1800000, 29999,         0, 600000,  5, 10, "keepalive-time 29999 ms is below 30000 ms: Hikari turns it off"
            1800000, 30000,         0, 600000,  5, 10, ""
            900000,  900000,        0, 600000,  5, 10, "keepalive-time 900000 ms is not below max-lifetime 900000 ms: Hikari turns it off"
            0,       900000,        0, 600000,  5, 10, ""
            1800000,      0,     1999, 600000,  5, 10, "leak-detection-threshold 1999 ms is below 2000 ms: Hikari turns it off"
            1800000,      0,     2000, 600000,  5, 10, ""
            1800000,      0,  1800001, 600000,  5, 10, "leak-detection-threshold 1800001 ms is above max-lifetime 1800000 ms: Hikari turns it off"
            300000,       0,        0, 600000,  5, 10, "idle-timeout 600000 ms is not 1000 ms below max-lifetime 300000 ms: Hikari turns it off"
            601000,       0,        0, 600000,  5, 10, ""
            600999,       0,        0, 600000,  5, 10, "idle-timeout 600000 ms is not 1000 ms below max-lifetime 600999 ms: Hikari turns it off"
            300000,       0,        0, 600000, 10, 10, ""
            1800000,      0,        0,   9999,  5, 10, "idle-timeout 9999 ms is below 10000 ms: Hikari takes 600000 ms"
            1800000,      0,        0,      0,  5, 10, ""
            1800000,      0,        0, 600000, 30, 10, "minimum-idle 30 is above maximum-pool-size 10: Hikari takes 10"
            """)
    void foreseesWhatHikariChangesAndNothingElse(
            long maxLifetime,
            long keepalive,
            long leakDetection,
            long idleTimeout,
            int minimum,
            int maximum,
            String correction) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://localhost/none");
        config.setMaxLifetime(maxLifetime);
        config.setKeepaliveTime(keepalive);
        config.setLeakDetectionThreshold(leakDetection);
        config.setIdleTimeout(idleTimeout);
        config.setMinimumIdle(minimum);
        config.setMaximumPoolSize(maximum);

        var foreseen = HikariCorrections.of(config);
        String before = settings(config);
        config.validate();

        assertThat(foreseen)
                .isEqualTo(Stream.of(correction).filter(text -> !text.isEmpty()).toList());
        assertThat(settings(config).equals(before)).isEqualTo(correction.isEmpty());
    }

    @Test
    void aMinimumThatWasNeverSetIsNotCorrected() {
        assertThat(HikariCorrections.of(new HikariConfig())).isEmpty();
    }

    private static String settings(HikariConfig config) {
        return "%d %d %d %d %d"
                .formatted(
                        config.getMaxLifetime(),
                        config.getKeepaliveTime(),
                        config.getLeakDetectionThreshold(),
                        config.getIdleTimeout(),
                        config.getMinimumIdle());
    }
}
