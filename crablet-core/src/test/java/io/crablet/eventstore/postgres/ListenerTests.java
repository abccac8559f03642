package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What a listener is told, and that no connection is borrowed meanwhile. */
@ExtendWith(PostgresExtension.class)
class ListenerTests implements EventStoreListener {

    private static final List<Event> TWO = List.of(Event.of("A", "{}"), Event.of("A", "{}"));

    private final TestLog log;
    private final PostgresEventStore store;
    private final TransactionTemplate transaction;
    private final List<String> calls = new ArrayList<>();

    ListenerTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.storeBuilder().pageSize(2).listener(this).build();
        transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private void called(String call) {
        calls.add(call);
    }

    @Override
    public void readMeasured(Query query, Duration duration) {
        assertThat(duration).isPositive();
        called("read measured");
    }

    @Override
    public void streamOpened(Query query) {
        called("stream opened");
    }

    @Override
    public void streamClosed(Query query) {
        called("stream closed");
    }

    @Override
    public void appendFinished(Outcome outcome, int events, Duration duration) {
        assertThat(duration).isPositive();
        called("append of " + events + " " + outcome);
    }

    @Override
    public void batchSent(int requests) {
        called("batch of " + requests);
    }

    @Override
    public void eventsCommitted(int events) {
        called("committed " + events);
    }

    @Override
    public void headSeen(long position) {
        called("head " + position);
    }

    @Test
    void anAppendOfItsOwnIsCommittedAtOnce() {
        store.append(TWO);
        assertThat(calls).containsExactly("batch of 1", "committed 2", "head 2", "append of 2 APPENDED");
    }

    @Test
    void aConditionThatFailsIsToldApartFromAnError() {
        store.append(TWO);
        calls.clear();
        assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> store.append(TWO, AppendCondition.failIfEventsMatch(Query.ofTypes("A"))));
        assertThat(calls).containsExactly("batch of 1", "append of 2 CONDITION_FAILED");
        calls.clear();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.append(TWO, new AppendCondition(Query.ofTypes("A"), 9)));
        assertThat(calls).containsExactly("batch of 1", "append of 2 ERROR");
        calls.clear();

        log.pool().close();
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> store.append(TWO));
        assertThat(calls).containsExactly("append of 2 ERROR");
    }

    @Test
    void oneThatIsRefusedBeforeItIsSentIsNotTold() {
        assertThatIllegalArgumentException().isThrownBy(() -> store.append(List.of()));
        assertThat(calls).isEmpty();
    }

    @Test
    void anAppendInATransactionIsCommittedWithIt() {
        transaction.executeWithoutResult(status -> {
            store.append(TWO);
            assertThat(store.head()).isEqualTo(2);
            assertThat(store.read(Query.all()).head()).isEqualTo(2);
            assertThat(calls).containsExactly("batch of 1", "append of 2 APPENDED", "read measured");
            calls.clear();
        });
        assertThat(calls).containsExactly("committed 2", "head 2", "head 2");
    }

    @Test
    void anAppendThatIsRolledBackWithItsTransactionIsNot() {
        transaction.executeWithoutResult(status -> {
            store.append(TWO);
            status.setRollbackOnly();
        });
        assertThat(calls).containsExactly("batch of 1", "append of 2 APPENDED");
    }

    @Test
    void norIsOneThatIsRolledBackToASavepoint() {
        TransactionTemplate nested = new TransactionTemplate(transaction.getTransactionManager());
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        transaction.executeWithoutResult(outer -> {
            store.append(TWO);
            nested.executeWithoutResult(status -> {
                store.append(List.of(Event.of("B", "{}")));
                status.setRollbackOnly();
            });
            calls.clear();
        });
        assertThat(calls).containsExactly("committed 2", "head 2");
        assertThat(store.head()).isEqualTo(2);
    }

    @Test
    void readsAreMeasuredAndTellTheHead() {
        store.append(TWO);
        store.append(TWO);
        calls.clear();
        store.read(Query.ofTypes("B"));
        assertThat(calls).containsExactly("head 4", "read measured");
        calls.clear();
        store.head();
        assertThat(calls).containsExactly("head 4");
        calls.clear();
        try (Stream<SequencedEvent> stream = store.stream(Query.all())) {
            assertThat(stream).hasSize(4);
        }
        assertThat(calls)
                .containsExactly("head 4", "read measured", "head 4", "read measured", "head 4", "read measured");
    }

    @Test
    void aReadThatFailsIsMeasuredToo() {
        log.pool().close();
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> store.read(Query.all()));
        assertThat(calls).containsExactly("read measured");
    }

    @Test
    void aCursorStreamIsOpenFromItsFirstEventToItsEnd() {
        store.append(TWO);
        calls.clear();
        try (Stream<SequencedEvent> stream = store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)) {
            assertThat(calls).isEmpty();
            var events = stream.iterator();
            events.next();
            assertThat(calls).containsExactly("stream opened");
            events.forEachRemaining(event -> {});
            assertThat(calls).containsExactly("stream opened", "stream closed");
        }
        assertThat(calls).containsExactly("stream opened", "stream closed");
    }
}
