package io.crablet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FigureTests {

    @Test
    void theMedianIsTheOneInTheMiddleWhateverTheOrder() {
        assertThat(figure(9.0, 1.0, 4.0).median()).isEqualTo(4);
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertThat(figure(1.0, 100.0, 2.0, 4.0).median()).isEqualTo(3);
    }

    private static Figure figure(Double... values) {
        return new Figure("append", "append", "crablet", Map.of(), "events/s", List.of(values), Map.of());
    }
}
