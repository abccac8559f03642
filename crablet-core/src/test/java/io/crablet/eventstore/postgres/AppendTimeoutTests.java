package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** A transaction that has appended and stays open keeps others waiting, but not for ever. */
@ExtendWith(PostgresExtension.class)
class AppendTimeoutTests {

    private static final Duration TIMEOUT = Duration.ofMillis(300);

    private final TestLog log;
    private final PostgresEventStore store;
    private final TransactionTemplate transaction;

    AppendTimeoutTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.storeBuilder().appendTimeout(TIMEOUT).build();
        transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    private AppendResult append() {
        return store.append(List.of(Event.of("A", "{}")));
    }

    private void assertTimesOut(Runnable append) {
        Instant start = Instant.now();
        assertThatExceptionOfType(CannotAcquireLockException.class)
                .isThrownBy(append::run)
                .withMessageContaining(TIMEOUT.toString());
        assertThat(Duration.between(start, Instant.now())).isBetween(TIMEOUT, TIMEOUT.plusSeconds(2));
    }

    @Test
    void anAppendOfItsOwnIsGivenUp() {
        transaction.executeWithoutResult(status -> {
            append();
            assertThat(Background.start(() -> {
                                assertTimesOut(this::append);
                                return true;
                            })
                            .result())
                    .isTrue();
        });
        assertThat(append()).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void anAppendInATransactionIsGivenUp() {
        transaction.executeWithoutResult(status -> {
            append();
            assertThat(Background.start(() -> {
                                assertTimesOut(() -> transaction.execute(other -> append()));
                                return true;
                            })
                            .result())
                    .isTrue();
        });
        assertThat(append()).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void aNewTransactionInsideOneThatHasAppendedDoesNotHang() {
        TransactionTemplate another = new TransactionTemplate(transaction.getTransactionManager());
        another.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(outer -> {
            append();
            assertTimesOut(() -> another.execute(inner -> append()));
        });
        assertThat(append()).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    void readersDoNotWait() {
        transaction.executeWithoutResult(status -> {
            append();
            assertThat(Background.start(store::head).result()).isZero();
        });
        assertThat(store.head()).isEqualTo(1);
    }

    @Test
    void logsInOtherSchemasDoNotWait(TestDatabase database) {
        try (TestLog other = new TestLog(database)) {
            transaction.executeWithoutResult(status -> {
                append();
                assertThat(other.store().append(List.of(Event.of("A", "{}")))).isEqualTo(new AppendResult(1, 1));
            });
        }
    }
}
