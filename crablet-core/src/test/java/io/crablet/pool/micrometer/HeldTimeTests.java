package io.crablet.pool.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeldTimeTests {

    private final HeldTime time = new HeldTime();

    @Test
    void hasWhatCameBackAndWhatIsHeld() {
        time.returned(5);
        look(7);
        assertThat(time.count()).isEqualTo(2);
        assertThat(time.nanos()).isEqualTo(12);
    }

    @Test
    void countsWhatWasHeldAndThenCameBackOnce() {
        look(7);
        time.returned(8);
        look();
        assertThat(time.count()).isEqualTo(1);
        assertThat(time.nanos()).isEqualTo(8);
    }

    @Test
    void neverFallsWhenAConnectionComesBackDuringALook() {
        look(7);
        time.beginLook();
        time.returned(8);
        time.endLook();
        assertThat(time.count()).isEqualTo(1);
        assertThat(time.nanos()).isEqualTo(7);
        look();
        assertThat(time.count()).isEqualTo(1);
        assertThat(time.nanos()).isEqualTo(8);
    }

    private void look(long... held) {
        time.beginLook();
        for (long nanos : held) {
            time.isHeld(nanos);
        }
        time.endLook();
    }
}
