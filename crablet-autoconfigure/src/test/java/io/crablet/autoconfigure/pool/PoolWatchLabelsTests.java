package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.autoconfigure.eventstore.EventStoreAutoConfiguration;
import io.crablet.eventstore.BorrowLabels;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.pool.PoolWatch;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** The ledger knows the event store's borrows by their labels, unless the application has a name for what it does. */
@ExtendWith(PostgresExtension.class)
class PoolWatchLabelsTests {

    private static final Query QUERY =
            Query.of(QueryItem.ofTypes("StudentSubscribed").withTags(Tag.of("course", "c1")));

    private final ApplicationContextRunner runner;

    PoolWatchLabelsTests(TestDatabase database) {
        runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        EventStoreAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=2");
    }

    @Test
    void aBorrowOfTheEventStoreIsKnownByWhatItIsFor() {
        runner.withPropertyValues("crablet.event-store.schema=labelled")
                .run(context -> assertThat(operationOfACursorStream(context))
                        .isEqualTo("event store: stream (cursor) StudentSubscribed{course}"));
    }

    @Test
    void aNameOfTheApplicationsOwnCounts() {
        runner.withPropertyValues("crablet.event-store.schema=named").run(context -> {
            PoolWatch.Operation operation = PoolWatch.operation("import orders");
            try {
                assertThat(operationOfACursorStream(context)).isEqualTo("import orders");
                assertThat(PoolWatch.currentOperation()).isEqualTo("import orders");
            } finally {
                operation.close();
            }
        });
    }

    private static @Nullable String operationOfACursorStream(ApplicationContext context) {
        EventStore store = context.getBean(EventStore.class);
        store.append(List.of(Event.of("StudentSubscribed", "{}", Tag.of("course", "c1"))));
        ConnectionLedger ledger = Unwrapping.ledger(context.getBean(DataSource.class));
        assertThat(ledger).isNotNull();
        assertThat(ledger.snapshot().borrowed()).isEmpty();
        try (Stream<SequencedEvent> stream = store.stream(QUERY, ReadOptions.defaults(), StreamMode.CURSOR)) {
            Iterator<SequencedEvent> events = stream.iterator();
            events.next();
            assertThat(ledger.snapshot().borrowed()).hasSize(1);
            return ledger.snapshot().borrowed().get(0).operation();
        }
    }

    @Test
    void nothingIsLabelledWhereNothingIsWatchedOrByWhomTheApplicationWants() {
        runner.withPropertyValues("crablet.event-store.schema=unwatched", "crablet.pool.watch.enabled=false")
                .run(context ->
                        assertThat(context).hasSingleBean(EventStore.class).doesNotHaveBean(BorrowLabels.class));
        runner.withPropertyValues("crablet.event-store.schema=own")
                .withBean("own", BorrowLabels.class, () -> BorrowLabels.NONE)
                .run(context ->
                        assertThat(context).hasSingleBean(BorrowLabels.class).hasBean("own"));
    }
}
