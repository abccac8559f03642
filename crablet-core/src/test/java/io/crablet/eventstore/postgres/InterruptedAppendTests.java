package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Appends whose threads are interrupted at any moment: what their callers were told is true of the log. */
@ExtendWith(PostgresExtension.class)
class InterruptedAppendTests {

    private static final int APPENDS = 150;
    private static final String UNKNOWN = "not known";

    private final TestLog log;
    private final PostgresEventStore store;
    private final Random random = new Random();

    /** What each append's caller was told: its position, or the message of the error. */
    private final Map<String, Object> told = new HashMap<>();

    InterruptedAppendTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.store();
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    @Test
    void whatThreadsAreToldIsTrue() {
        interruptAppends(Thread::new);
        assertThat(told.values())
                .as("never in doubt")
                .noneMatch(outcome -> outcome.toString().contains(UNKNOWN));
        assertThat(told.values()).as("both outcomes happen").hasAtLeastOneElementOfType(Long.class);
        assertThat(told.values()).hasAtLeastOneElementOfType(String.class);
    }

    @Test
    void whatVirtualThreadsAreToldIsTrue() throws ReflectiveOperationException {
        assumeTrue(VirtualThreads.exist(), "virtual threads need JDK 21");
        interruptAppends(VirtualThreads.factory());
        assertThat(told.values()).hasAtLeastOneElementOfType(String.class);
    }

    private void interruptAppends(ThreadFactory threads) {
        AtomicBoolean busy = new AtomicBoolean(true);
        Background<Boolean> others = Background.start(() -> keepTheLockNowAndThen(busy));
        for (int i = 0; i < APPENDS; i++) {
            String data = Integer.toString(i);
            Background<Object> append = Background.start(threads, () -> append(data));
            LockSupport.parkNanos(random.nextInt(30_000_000));
            append.interrupt();
            told.put(data, append.result());
        }
        busy.set(false);
        assertThat(others.result()).isTrue();

        Map<String, Long> written = store.read(Query.ofTypes("Interrupted")).events().stream()
                .collect(Collectors.toMap(event -> event.event().data(), SequencedEvent::position));
        told.forEach((data, outcome) -> {
            if (outcome instanceof Long) {
                assertThat(written).contains(entry(data, (Long) outcome));
            } else if (!outcome.toString().contains(UNKNOWN)) {
                assertThat(written).as("%s, told that %s", data, outcome).doesNotContainKey(data);
            }
        });
        assertThat(store.read(Query.all()).events()).hasSize((int) store.head());
    }

    private Object append(String data) {
        try {
            return store.append(List.of(Event.of("Interrupted", data))).firstPosition();
        } catch (DataAccessException e) {
            return e.getMessage();
        }
    }

    private boolean keepTheLockNowAndThen(AtomicBoolean busy) {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        while (busy.get()) {
            transaction.executeWithoutResult(status -> {
                store.append(List.of(Event.of("Other", "{}")));
                await().pollDelay(Duration.ofMillis(random.nextInt(20))).until(() -> true);
            });
        }
        return true;
    }
}
