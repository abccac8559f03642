package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolCapacityTests {

    @Test
    void theSumNamesEveryPartOfIt() {
        PoolCapacity capacity = new PoolCapacity("max_connections", 100, 3, 12, 50, 5);

        assertThat(capacity.available()).isEqualTo(30);
        assertThat(capacity.arithmetic())
                .isEqualTo("max_connections 100 - 3 reserved - 12 used by others"
                        + " - 50 for this application's other pools - 5 kept free = 30");
    }

    @Test
    void theSumLeavesOutWhatIsNothing() {
        assertThat(new PoolCapacity("max_connections", 100, 0, 0, 0, 5).arithmetic())
                .isEqualTo("max_connections 100 - 5 kept free = 95");
    }

    @Test
    void aServerThatIsFullLeavesNothingRatherThanLessThanNothing() {
        PoolCapacity capacity = new PoolCapacity("max_connections", 20, 3, 17, 0, 5);

        assertThat(capacity.available()).isZero();
        assertThat(capacity.arithmetic()).endsWith("= -5");
    }
}
