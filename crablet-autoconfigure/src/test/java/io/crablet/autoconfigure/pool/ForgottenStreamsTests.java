package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.autoconfigure.eventstore.EventStoreAutoConfiguration;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.StreamMode;
import io.crablet.pool.BorrowGrade;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@ExtendWith(PostgresExtension.class)
class ForgottenStreamsTests {

    private final ApplicationContextRunner runner;

    ForgottenStreamsTests(TestDatabase database) {
        this.runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        PoolWatchAutoConfiguration.class,
                        EventStoreAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=2");
    }

    @Test
    void aForgottenCursorStreamIsALeakThatWasTakenBack() {
        runner.run(context -> {
            EventStore store = context.getBean(EventStore.class);
            store.append(List.of(Event.of("A", "{}"), Event.of("B", "{}")));
            forget(store);
            ConnectionLedger ledger = context.getBean(DataSource.class).unwrap(ConnectionLedger.class);
            await().until(() -> {
                System.gc();
                return ledger.snapshot().borrowed().isEmpty();
            });
            LedgerSnapshot after = ledger.snapshot();
            assertThat(after.leaks()).isEqualTo(1);
            assertThat(after.leaksReclaimed()).isEqualTo(1);
            assertThat(after.recentLeaks()).singleElement().satisfies(leak -> {
                assertThat(leak.connection().grade()).isEqualTo(BorrowGrade.LEAKED);
                assertThat(leak.connection().operation()).startsWith("event store: stream (cursor)");
            });
        });
    }

    private static void forget(EventStore store) {
        assertThat(store.stream(Query.all(), ReadOptions.defaults(), StreamMode.CURSOR)
                        .iterator()
                        .next()
                        .position())
                .isEqualTo(1);
    }
}
