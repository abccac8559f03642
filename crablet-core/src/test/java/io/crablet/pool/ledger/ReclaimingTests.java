package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.ConnectionLeak.Outcome;
import org.junit.jupiter.api.Test;

class ReclaimingTests {

    private final StubPool pool = new StubPool();

    private final Reclaiming reclaiming = new Reclaiming(pool, SessionInspector.NONE);

    @Test
    void aConnectionOfADriverThatIsOlderThanAMethodIsClosed() {
        pool.failWith(new AbstractMethodError("setNetworkTimeout"));
        assertThat(reclaiming.giveBack(pool.lend(), false)).isEqualTo(Outcome.EVICTED);
        assertThat(pool.evicted()).hasSize(1);
    }
}
