package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crablet.eventstore.BorrowLabels;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** While the store borrows a connection, and only then, its label says what for. */
@ExtendWith(PostgresExtension.class)
class BorrowLabelTests {

    private static final Query QUERY =
            Query.of(QueryItem.ofTypes("StudentSubscribed").withTags(Tag.of("course", "c1")));

    private final TestLog log;
    private final List<String> borrows = new ArrayList<>();
    private @Nullable String current;

    BorrowLabelTests(TestDatabase database) {
        log = new TestLog(database);
    }

    @AfterEach
    void noLabelIsLeft() {
        assertThat(current).isNull();
        log.backends().assertNothingHeld();
        log.close();
    }

    private PostgresEventStore store(BorrowLabels labels) {
        DelegatingDataSource dataSource = new DelegatingDataSource(log.pool()) {
            @Override
            public Connection getConnection() throws SQLException {
                borrows.add(String.valueOf(current));
                return super.getConnection();
            }
        };
        return PostgresEventStore.builder(dataSource)
                .schema(log.schema())
                .pageSize(2)
                .borrowLabels(labels)
                .build();
    }

    private BorrowLabels.Scope open(String label) {
        assertThat(current).isNull();
        current = label;
        return () -> current = null;
    }

    @Test
    void eachOperationHasItsOwn() {
        PostgresEventStore store = store(this::open);
        Event event = Event.of("StudentSubscribed", "{}", Tag.of("course", "c1"));
        store.append(List.of(event, event, event));
        store.read(QUERY);
        store.head();
        store.project(Projector.of(QUERY, 0, (state, e) -> {
            assertThat(current).as("label after the borrow").isNull();
            return state + 1;
        }));
        try (Stream<SequencedEvent> stream = store.stream(Query.all())) {
            assertThat(stream).hasSize(3);
        }
        try (Stream<SequencedEvent> stream = store.stream(QUERY, ReadOptions.defaults(), StreamMode.CURSOR)) {
            assertThat(stream).hasSize(3).allSatisfy(e -> assertThat(current).isNull());
        }
        assertThat(borrows)
                .containsExactly(
                        "event store: append",
                        "event store: read StudentSubscribed{course}",
                        "event store: head",
                        "event store: project StudentSubscribed{course}",
                        "event store: project StudentSubscribed{course}",
                        "event store: stream (paged) all",
                        "event store: stream (paged) all",
                        "event store: stream (cursor) StudentSubscribed{course}");
    }

    @Test
    void inATransactionNothingIsBorrowedAndNothingLabelled() {
        List<String> labels = new ArrayList<>();
        PostgresEventStore store = log.storeBuilder()
                .borrowLabels(label -> {
                    labels.add(label);
                    return open(label);
                })
                .build();
        new TransactionTemplate(new JdbcTransactionManager(log.pool())).executeWithoutResult(status -> {
            store.append(List.of(Event.of("A", "{}")));
            assertThat(store.read(Query.all()).events()).hasSize(1);
        });
        assertThat(labels).isEmpty();
        store.head();
        assertThat(labels).containsExactly("event store: head");
    }

    @Test
    void oneThatGetsNoConnectionLeavesNoLabel() {
        PostgresEventStore store = store(this::open);
        log.pool().close();
        assertThatExceptionOfType(DataAccessException.class).isThrownBy(store::head);
        assertThat(borrows).containsExactly("event store: head");
    }

    @Test
    void labelsThatFailChangeNothing() {
        assertThat(store(label -> {
                            throw new IllegalStateException("the label's own");
                        })
                        .head())
                .isZero();
        assertThat(store(label -> () -> {
                            throw new IllegalStateException("the label's own");
                        })
                        .head())
                .isZero();
    }
}
