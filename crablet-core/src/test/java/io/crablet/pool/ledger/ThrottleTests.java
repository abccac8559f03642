package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTests {

    private static final long LATER = Duration.ofSeconds(10).toNanos();

    private final Throttle throttle = new Throttle(2);

    @Test
    void holdsBackWhatIsMoreThanItsBurstAndSaysHowManyThatWere() {
        assertThat(throttle.admit("a", 0)).hasValue(0);
        assertThat(throttle.admit("a", 1)).hasValue(0);
        assertThat(throttle.admit("a", 2)).isEmpty();
        assertThat(throttle.admit("a", LATER - 1)).isEmpty();

        assertThat(throttle.admit("a", LATER)).hasValue(2);
        assertThat(throttle.admit("a", LATER)).hasValue(0);
        assertThat(throttle.admit("a", LATER)).isEmpty();
    }

    @Test
    void countsEachKindByItself() {
        assertThat(throttle.admit("a", 0)).hasValue(0);
        assertThat(throttle.admit("a", 0)).hasValue(0);
        assertThat(throttle.admit("b", 0)).hasValue(0);
        assertThat(throttle.admit("a", 0)).isEmpty();
    }

    @Test
    void takesKindsTogetherWhenThereAreTooMany() {
        for (int i = 0; i < 100; i++) {
            assertThat(throttle.admit("kind " + i, 0)).hasValue(0);
        }
        assertThat(throttle.admit("one more", 0)).hasValue(0);
        assertThat(throttle.admit("two more", 0)).hasValue(0);
        assertThat(throttle.admit("three more", 0)).isEmpty();
        assertThat(throttle.admit("kind 7", 0)).hasValue(0);
    }
}
