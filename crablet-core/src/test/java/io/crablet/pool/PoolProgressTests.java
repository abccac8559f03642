package io.crablet.pool;

import static io.crablet.pool.Borrows.NOW;
import static io.crablet.pool.Borrows.counters;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.DatabaseAnswer.NotAsked;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Pools that are always full, looked at every second: those that serve their callers, and those that do not. */
class PoolProgressTests {

    private final FakeGauge gauge = new FakeGauge("orders");

    private DatabaseAnswer database = new NotAsked();

    private final AtomicReference<LedgerSnapshot> ledger = new AtomicReference<>(LedgerSnapshot.empty(NOW));

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

    private final PoolMonitor monitor = new PoolMonitor(
            List.of(new WatchedPool(gauge, () -> database, false, ledger::get)), HealthLimits.DEFAULTS, now::get);

    private long served = 1000;

    private long timeouts;

    @Test
    void callersThatAlwaysWaitButAreServedInGoodTimeDoNotPutThePoolOutOfService() {
        look(0);
        look(100);
        for (int second = 0; second < 60; second++) {
            PoolHealth health = look(100);
            assertThat(health.state()).isEqualTo(PoolState.BUSY);
            assertThat(health.outOfService()).isFalse();
        }
    }

    @Test
    void servedInBurstsIsServedToo() {
        look(0);
        for (int second = 1; second < 60; second++) {
            assertThat(look(second % 3 == 0 ? 60 : 0).outOfService()).isFalse();
        }
    }

    @Test
    void onceNobodyIsServedAnyMoreThePoolIsOutOfServiceAfterTheUsualTime() {
        for (int second = 0; second < 60; second++) {
            look(100);
        }
        int passed = 0;
        while (!look(0).outOfService()) {
            passed++;
        }
        assertThat(passed).isBetween(4, 5);
        assertThat(monitor.health("orders").message())
                .startsWith("All 10 connections are in use and 50 callers wait, for ");
    }

    @Test
    void oneThatGetsThroughNowAndThenDoesNotHelpTheOthers() {
        for (int second = 0; second < 5; second++) {
            assertThat(look(second % 2).outOfService()).isFalse();
        }
        look(1);
        for (int second = 0; second < 60; second++) {
            assertThat(look(second % 2).outOfService()).isTrue();
        }
    }

    @Test
    void aFastCallerDoesNotHelpThoseThatWaitInVain() {
        for (int second = 0; second < 10; second++) {
            timeouts++;
            look(1000);
        }
        for (int second = 0; second < 60; second++) {
            timeouts += second % 4 == 0 ? 1 : 0;
            assertThat(look(1000).outOfService()).isTrue();
        }
    }

    @Test
    void whenTheyAreServedAgainItIsBackInServiceThoughTheyStillWait() {
        for (int second = 0; second < 20; second++) {
            look(0);
        }
        assertThat(look(1000).message()).startsWith("Callers have been served again for 0 s; in service again in 5 s");
        for (int second = 1; second < 5; second++) {
            assertThat(look(1000).outOfService()).isTrue();
        }
        assertThat(look(1000)).extracting(PoolHealth::state).isEqualTo(PoolState.BUSY);
    }

    @Test
    void whereTheTrafficFollowsTheStatusAStuckPoolStaysOutOfService() {
        int changes = 0;
        boolean outOfService = false;
        for (int second = 0; second < 60; second++) {
            PoolHealth health = lookAt(new PoolCounts(10, 0, 10, outOfService ? 0 : 50, 10));
            changes += health.outOfService() == outOfService ? 0 : 1;
            outOfService = health.outOfService();
        }
        assertThat(outOfService).isTrue();
        assertThat(changes).isEqualTo(1);
        assertThat(monitor.health("orders").message())
                .startsWith(
                        "All 10 connections are in use and no caller waits at present, but the next one would, for ");
    }

    @Test
    void aStuckPoolIsBackInServiceOnceItHasHadAConnectionToGiveForAWhile() {
        for (int second = 0; second < 10; second++) {
            lookAt(new PoolCounts(10, 0, 10, 50, 10));
        }
        assertThat(lookAt(new PoolCounts(10, 1, 9, 0, 10)).message())
                .startsWith("There has been room again for 0 s; in service again in 5 s");
        for (int second = 1; second < 5; second++) {
            assertThat(lookAt(new PoolCounts(10, 1, 9, 0, 10)).outOfService()).isTrue();
        }
        assertThat(lookAt(new PoolCounts(10, 1, 9, 0, 10)).outOfService()).isFalse();
    }

    @Test
    void aPoolThatMayOpenConnectionsHasRoomOnlyIfTheDatabaseLetsIt() {
        for (int second = 0; second < 10; second++) {
            lookAt(new PoolCounts(3, 0, 3, 50, 10));
        }
        database = new Failed(NOW, DatabaseFailure.NO_SLOT, "53300", 1);
        for (int second = 0; second < 10; second++) {
            assertThat(lookAt(new PoolCounts(3, 0, 3, 0, 10)).outOfService()).isTrue();
        }
        database = new NotAsked();
        for (int second = 0; second < 5; second++) {
            assertThat(lookAt(new PoolCounts(3, 0, 3, 0, 10)).outOfService()).isTrue();
        }
        assertThat(lookAt(new PoolCounts(3, 0, 3, 0, 10)).outOfService()).isFalse();
    }

    @Test
    void callersThatComeNowAndThenAndAllWaitInVainPutThePoolOutOfService() {
        PoolCounts stuck = new PoolCounts(5, 0, 5, 0, 5);
        lookAt(stuck);
        for (int second = 0; second < 30; second++) {
            timeouts += second % 3 == 0 ? 1 : 0;
            assertThat(lookAt(stuck).outOfService()).isEqualTo(second >= 5);
        }
    }

    @Test
    void onceTheNextCallerWasServedOneThatWaitedInVainIsForgotten() {
        PoolCounts full = new PoolCounts(5, 0, 5, 0, 5);
        for (int second = 0; second < 60; second++) {
            timeouts += second % 3 == 0 ? 1 : 0;
            served += second % 3 == 1 ? 1 : 0;
            assertThat(lookAt(full).outOfService()).isFalse();
        }
    }

    @Test
    void withoutALedgerWhoeverWaitsCounts() {
        gauge.counts = new PoolCounts(10, 0, 10, 50, 10);
        monitor.health("orders");
        now.set(NOW.plusSeconds(5));
        assertThat(monitor.health("orders").outOfService()).isTrue();
    }

    /** Another second in which some callers were served. */
    private PoolHealth look(int callers) {
        served += callers;
        return lookAt(new PoolCounts(10, 0, 10, 50, 10));
    }

    private PoolHealth lookAt(PoolCounts counts) {
        now.updateAndGet(before -> before.plusSeconds(1));
        gauge.counts = counts;
        ledger.set(counters(now.get(), served + 10, served, Duration.ofSeconds(served), timeouts));
        return monitor.look("orders").health();
    }
}
