package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolStatisticsTests {

    private final FakeGauge gauge = new FakeGauge("orders");

    private final PoolStatistics statistics = new PoolStatistics(List.of(gauge));

    @Test
    void theCountersAreLoggedAtDebug() {
        gauge.counts = new PoolCounts(10, 7, 3, 0, 20);
        try (StatsLog log = new StatsLog(Level.DEBUG)) {
            statistics.log("before read");

            assertThat(log.lines()).containsExactly("DEBUG before read pool=orders total=10 idle=7 active=3 waiting=0");
        }
    }

    @Test
    void nothingIsReadWhileTheLevelIsOff() {
        gauge.broken = true;
        try (StatsLog log = new StatsLog(Level.INFO)) {
            statistics.log("before read");

            assertThat(log.lines()).isEmpty();
        }
    }
}
