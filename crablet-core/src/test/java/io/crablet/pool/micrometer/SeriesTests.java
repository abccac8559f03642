package io.crablet.pool.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesTests {

    private final List<String> made = new ArrayList<>();

    private final Series<String> series = new Series<>(value -> {
        made.add(value);
        return "series of " + value;
    });

    @Test
    void hasOneForTheUnknownFromTheBeginning() {
        assertThat(made).containsExactly("none");
        assertThat(series.of(null)).isEqualTo("series of none");
        assertThat(made).containsExactly("none");
    }

    @Test
    void makesOneForEachValueOnce() {
        assertThat(series.of("a")).isEqualTo("series of a");
        assertThat(series.of("a")).isSameAs(series.of("a"));
        assertThat(made).containsExactly("none", "a");
    }

    @Test
    void takesTheValuesBeyondTheFirstHundredTogether() {
        for (int i = 0; i < 150; i++) {
            series.of("value " + i);
        }
        assertThat(series.of("value 99")).isEqualTo("series of value 99");
        assertThat(series.of("value 100")).isEqualTo("series of other");
        assertThat(series.of("value 149")).isEqualTo("series of other");
        assertThat(series.of(null)).isEqualTo("series of none");
        assertThat(series.all()).hasSize(102);
    }
}
