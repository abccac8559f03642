package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.postgres.PendingAppend.State;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AppendQueueTests {

    private final AppendQueue queue = new AppendQueue(10, 100, 10);

    private static PendingAppend append() {
        return new PendingAppend(
                new AppendRequest(List.of(Event.of("A", "{}")), 4, null),
                System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
    }

    private PendingAppend entered() {
        PendingAppend append = append();
        assertThat(queue.enter(append)).isTrue();
        return append;
    }

    @Test
    void whoHasJustBecomeTheLeaderCannotWithdraw() {
        entered();
        queue.take();
        PendingAppend next = entered();
        queue.passOn();
        assertThat(queue.withdraw(next)).isFalse();
        assertThat(next.state()).isEqualTo(State.LEADING);
    }

    @Test
    void aLeaderWhoCannotGoOnPassesTheLeadOn() {
        entered();
        queue.take();
        PendingAppend next = entered();
        PendingAppend afterNext = entered();
        queue.passOn();
        queue.leave(next);
        assertThat(next.state()).isEqualTo(State.WITHDRAWN);
        assertThat(afterNext.state()).isEqualTo(State.LEADING);
        queue.leave(afterNext);
        assertThat(entered().state()).isEqualTo(State.LEADING);
        assertThat(queue.size()).isOne();
    }

    @Test
    void whoWaitsAndCannotGoOnLeavesTheLeadWhereItIs() {
        PendingAppend leader = entered();
        PendingAppend next = entered();
        queue.leave(next);
        assertThat(entered().state()).isEqualTo(State.QUEUED);
        assertThat(leader.state()).isEqualTo(State.LEADING);
    }

    @Test
    void whatIsPutBackGoesBeforeWhatCameLater() {
        entered();
        entered();
        List<PendingAppend> batch = queue.take();
        PendingAppend later = entered();
        batch.get(0).fail(new IllegalStateException(), null);
        batch.get(1).halveCompany(2);
        queue.putBack(batch);
        queue.passOn();
        assertThat(batch.get(1).state()).isEqualTo(State.LEADING);
        assertThat(queue.take()).as("half of two is one").containsExactly(batch.get(1));
        assertThat(queue.take()).containsExactly(later);
    }
}
