package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.ListenerNotFoundException;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class LedgerLifeTests {

    private final TestPool pool;

    LedgerLifeTests(TestDatabase database) {
        pool = new TestPool(database, 1);
        pool.hikari().setConnectionTimeout(2_000);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private ConnectionLedger ledger(boolean requestGarbageCollection) {
        return pool.keepLedger(
                new PostgresSessions(),
                BorrowContext.DEFAULT,
                new LedgerSettings(
                        Duration.ofSeconds(30), true, requestGarbageCollection, null, Set.of(), List.of(), false),
                LedgerListener.NO_OP);
    }

    private void forget() throws SQLException {
        pool.getConnection();
    }

    @Test
    void aLedgerThatWasNotStartedRecordsAndTakesBackNothing() throws SQLException {
        ConnectionLedger ledger = ledger(true);
        pool.getConnection().close();
        forget();
        Collector.collect();
        assertThatThrownBy(pool::getConnection).isInstanceOf(SQLException.class);
        assertThat(pool.snapshot().borrows()).isEqualTo(2);
        assertThat(pool.snapshot().returns()).isEqualTo(1);
        assertThat(pool.borrowed()).hasSize(1);

        ledger.start();
        ledger.start();
        pool.awaitBack();
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
    }

    @Test
    void aStoppedLedgerCanBeStartedAgain() throws SQLException {
        ConnectionLedger ledger = ledger(true);
        ledger.start();
        ledger.close();
        ledger.close();
        await().until(() -> threads() == 0);
        forget();
        ledger.start();
        pool.awaitBack();
        assertThat(threads()).isEqualTo(1);
        ledger.close();
        await().until(() -> threads() == 0);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("crablet-ledger-test"))
                .count();
    }

    @Test
    void collectionsAreAskedForWhileCallersWait() throws Exception {
        pool.hikari().setConnectionTimeout(10_000);
        ledger(true).start();
        try (Collections collections = new Collections()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                // Again, as a collection of the machine's own may have come before anybody waited.
                forget();
                pool.getConnection().close();
                return collections.count() > 0;
            });
        }
    }

    @Test
    void whatACollectionHasLeftUnusedIsNotAReasonForAnother() throws Exception {
        ledger(true).start();
        try (Connection held = pool.getConnection();
                Collections collections = new Collections()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                // Again, as collections are only asked for while somebody waits.
                assertThatThrownBy(pool::getConnection).isInstanceOf(SQLException.class);
                return collections.count() > 0;
            });
            assertThat(held.isClosed()).isFalse();
            assertThat(collections.count()).isLessThan(3);
        }
    }

    @Test
    void noCollectionIsAskedForIfThatIsSwitchedOff() throws Exception {
        ledger(false).start();
        try (Connection held = pool.getConnection();
                Collections collections = new Collections()) {
            assertThatThrownBy(pool::getConnection).isInstanceOf(SQLException.class);
            assertThat(held.isClosed()).isFalse();
            assertThat(collections.countAfterOneOfOurOwn()).isEqualTo(1);
        }
    }

    @Test
    void aThreadThatHasEndedIsForgotten() throws Exception {
        ledger(true);
        List<WeakReference<Thread>> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Thread thread = new Thread(() -> {
                try {
                    pool.getConnection().close();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            thread.join();
            threads.add(new WeakReference<>(thread));
        }
        await().untilAsserted(() -> {
            Collector.collect();
            assertThat(threads.stream().filter(thread -> thread.get() != null)).isEmpty();
        });
    }

    /** Counts the collections that somebody has asked for. */
    private static final class Collections implements AutoCloseable {

        private final AtomicInteger asked = new AtomicInteger();

        private final NotificationListener listener = (notification, handback) -> {
            GarbageCollectionNotificationInfo info =
                    GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
            if (info.getGcCause().equals("System.gc()")) {
                asked.incrementAndGet();
            }
        };

        Collections() {
            ManagementFactory.getGarbageCollectorMXBeans()
                    .forEach(bean -> ((NotificationEmitter) bean).addNotificationListener(listener, null, null));
        }

        int count() {
            return asked.get();
        }

        /** Notifications come a moment later: after our own, those of others are there too. */
        int countAfterOneOfOurOwn() {
            System.gc();
            await().until(() -> asked.get() > 0);
            return asked.get();
        }

        @Override
        public void close() throws ListenerNotFoundException {
            for (var bean : ManagementFactory.getGarbageCollectorMXBeans()) {
                ((NotificationEmitter) bean).removeNotificationListener(listener);
            }
        }
    }
}
