package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Race;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Appends that are rolled back leave nothing behind: no gap, no event, no conflict. */
@ExtendWith(PostgresExtension.class)
class RollbackTests {

    private static final Tag C1 = Tag.of("course", "c1");
    private static final Query ON_C1 = Query.ofTags(C1);

    private final TestLog log;
    private final PostgresEventStore store;
    private final TransactionTemplate transaction;

    RollbackTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.store();
        transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private AppendResult appendAndRollBack(Event... events) {
        return transaction.execute(status -> {
            status.setRollbackOnly();
            return store.append(List.of(events));
        });
    }

    @Test
    void thePositionsOfARolledBackAppendAreGivenAgain() {
        Event kept = Event.of("Kept", "{}");
        store.append(List.of(kept));
        assertThat(appendAndRollBack(kept, kept)).isEqualTo(new AppendResult(2, 3));
        assertThat(store.head()).isEqualTo(1);
        assertThat(store.append(List.of(kept))).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void aRolledBackEventViolatesNothing() {
        AppendCondition condition = AppendCondition.failIfEventsMatch(ON_C1);
        appendAndRollBack(Event.of("Defined", "{}", C1));
        assertThat(store.append(List.of(Event.of("Defined", "{}", C1)), condition))
                .isEqualTo(new AppendResult(1, 1));
    }

    @Test
    void whoWaitsForAnAppendThatRollsBackWins() {
        assertThat(whileAnAppendOnTheSameConditionIsOpen(true).isAccepted()).isTrue();
        assertThat(store.read(ON_C1).events()).hasSize(1);
    }

    @Test
    void whoWaitsForAnAppendThatCommitsIsRefused() {
        assertThat(whileAnAppendOnTheSameConditionIsOpen(false).violation().position())
                .isEqualTo(1);
        assertThat(store.read(ON_C1).events()).hasSize(1);
    }

    private Attempt whileAnAppendOnTheSameConditionIsOpen(boolean rollBack) {
        Attempt.Request request =
                new Attempt.Request(List.of(Event.of("Defined", "{}", C1)), AppendCondition.failIfEventsMatch(ON_C1));
        Background<Attempt> waiting = transaction.execute(status -> {
            assertThat(request.send(store).isAccepted()).isTrue();
            Background<Attempt> other = Background.start(() -> request.send(store));
            log.backends().awaitWaitingForLock(1);
            if (rollBack) {
                status.setRollbackOnly();
            }
            return other;
        });
        return waiting.result();
    }

    @Test
    void aReaderSeesEveryCommittedEventOnceAndInOrder() {
        int writers = 4;
        CountDownLatch writing = new CountDownLatch(writers);
        List<Callable<List<SequencedEvent>>> threads = new ArrayList<>();
        for (int writer = 0; writer < writers; writer++) {
            threads.add(() -> {
                for (int i = 0; i < 150; i++) {
                    Event event = Event.of(i % 2 == 0 ? "Kept" : "RolledBack", "{}");
                    if (i % 2 == 0) {
                        store.append(List.of(event, event));
                    } else {
                        appendAndRollBack(event, event, event);
                    }
                }
                writing.countDown();
                return List.of();
            });
        }
        threads.add(() -> {
            List<SequencedEvent> seen = new ArrayList<>();
            boolean last;
            do {
                last = writing.getCount() == 0;
                long cursor = seen.isEmpty() ? 0 : seen.get(seen.size() - 1).position();
                seen.addAll(store.read(Query.all(), ReadOptions.defaults().withAfter(cursor))
                        .events());
            } while (!last);
            return seen;
        });

        List<SequencedEvent> seen = Race.run(threads).get(writers);

        assertThat(seen).isEqualTo(store.read(Query.all()).events());
        assertThat(seen).allMatch(event -> event.event().type().equals("Kept"));
        assertThat(seen.stream().map(SequencedEvent::position).toList())
                .isEqualTo(LongStream.rangeClosed(1, writers * 150).boxed().toList());
    }
}
