package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.crablet.Application;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.PoolWatch;
import io.crablet.pool.ledger.LedgerEvents.Logged;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class LedgerLogTests {

    private static final Duration NEVER = Duration.ofHours(1);

    private final TestDatabase database;

    private final LedgerEvents events = new LedgerEvents();

    private @Nullable TestPool pool;

    LedgerLogTests(TestDatabase database) {
        this.database = database;
    }

    @AfterEach
    void close() {
        events.close();
        if (pool != null) {
            pool.close();
        }
    }

    @Test
    void aSuspectIsNamedOnceWithItsVerdict() throws SQLException {
        TestPool pool = pool(settings(Duration.ofMillis(100), true, null), borrow -> "Because of " + borrow.id() + ".");
        try (PoolWatch.Operation operation = PoolWatch.operation("import");
                Connection connection = Application.borrow(pool)) {
            assertThat(connection).isNotSameAs(operation);
            await().until(() -> !events.of("pool.suspect").isEmpty());
            await().during(Duration.ofMillis(1500))
                    .until(() -> events.of("pool.suspect").size() == 1);
        }
        Logged suspect = events.of("pool.suspect").get(0);
        assertThat(suspect.fields())
                .containsEntry("pool", "test")
                .containsEntry("borrower", Thread.currentThread().getName())
                .containsEntry("operation", "import")
                .containsEntry("verdict", "Because of 1.")
                .containsKeys("heldMs", "idleMs", "backendPid")
                .doesNotContainKeys("traceId", "suppressed");
        assertThat((String) suspect.fields().get("site")).contains("io.crablet.Application.borrow(Application.java:");
        assertThat(suspect.message())
                .startsWith("Pool test: a connection is held for ")
                .contains("in operation import", (String) suspect.fields().get("site"), "Because of 1.");
    }

    @Test
    void aSuspectIsNamedEvenIfTheVerdictFails() throws SQLException {
        TestPool pool = pool(settings(Duration.ofMillis(1), true, null), borrow -> {
            throw new IllegalStateException("no verdict");
        });
        try (Connection connection = Application.borrow(pool)) {
            assertThat(connection.isClosed()).isFalse();
            await().until(() -> !events.of("pool.suspect").isEmpty());
        }
        assertThat(events.of("pool.suspect").get(0).fields()).doesNotContainKey("verdict");
    }

    @Test
    void aLeakThatWasTakenBackIsToldOnceWithTheLineThatForgotIt() throws SQLException {
        TestPool pool = pool(settings(NEVER, true, null));
        Application.forget(pool);
        collectUntil("pool.leak-reclaimed");

        Logged leak = events.of("pool.leak-reclaimed").get(0);
        assertThat(leak.fields()).containsEntry("outcome", "returned");
        assertThat((String) leak.fields().get("site")).contains("io.crablet.Application.forget(Application.java:");
        assertThat(leak.message())
                .contains(
                        "is in the pool again",
                        "io.crablet.Application.forget(Application.java:",
                        "try-with-resources");
        assertThat(events.all()).hasSize(1);
    }

    @Test
    void aLeakThatIsNotTakenBackIsToldToo() throws SQLException {
        TestPool pool = pool(settings(NEVER, false, null));
        Application.forget(pool);
        collectUntil("pool.leak");

        assertThat(events.of("pool.leak").get(0).message())
                .contains("reclaim-leaked is off", "io.crablet.Application.forget(Application.java:");
        assertThat(events.all()).hasSize(1);
    }

    @Test
    void manyLeaksOfOneLineFillNoLog() throws SQLException {
        TestPool pool = pool(settings(NEVER, true, null));
        for (int i = 0; i < 50; i++) {
            Application.forget(pool);
        }
        await().until(() -> {
            System.gc();
            return pool.ledger().snapshot().leaksReclaimed() == 50;
        });
        assertThat(events.of("pool.leak-reclaimed")).hasSizeBetween(10, 20);
    }

    @Test
    void anOverdueConnectionIsWarnedOfAndThenEvicted() throws SQLException {
        TestPool pool = pool(settings(NEVER, true, Duration.ofMillis(100)));
        try (Connection connection = Application.borrow(pool)) {
            assertThat(connection.isClosed()).isFalse();
            await().until(() -> !events.of("pool.evicted").isEmpty());
        }
        assertThat(events.of("pool.overdue")).hasSize(1);
        assertThat(events.of("pool.overdue").get(0).message()).contains("will be taken back unless it is used");
        assertThat(events.of("pool.evicted").get(0).fields()).containsEntry("outcome", "evicted");
    }

    @Test
    void ofManyTimeoutsOneIsToldWithWhoHeldTheConnections() throws SQLException {
        TestPool pool = pool(settings(NEVER, true, null));
        pool.hikari().setConnectionTimeout(1_500);
        try (Connection first = Application.borrow(pool);
                Connection second = Application.borrow(pool)) {
            assertThat(first).isNotSameAs(second);
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(SQLTransientConnectionException.class)
                        .isThrownBy(() -> Application.borrow(pool));
            }
        }
        assertThat(events.of("pool.timeout")).hasSize(1);
        Logged timeout = events.of("pool.timeout").get(0);
        assertThat((Long) timeout.fields().get("waitedMs")).isGreaterThanOrEqualTo(1_500);
        assertThat((String) timeout.fields().get("holders"))
                .contains("io.crablet.Application.borrow(Application.java:");
        assertThat(timeout.message()).contains("Held by: 2 x ");
    }

    @Test
    void aSecondBorrowIsToldOnceForEachPairOfLines() throws SQLException {
        TestPool pool = pool(settings(NEVER, true, null));
        for (int i = 0; i < 3; i++) {
            try (Connection first = Application.borrow(pool);
                    Connection second = Application.borrow(pool)) {
                assertThat(first).isNotSameAs(second);
            }
        }
        assertThat(pool.ledger().snapshot().secondBorrowSites().get(0).count()).isEqualTo(3);
        // By the next look of the ledger's watch, which is another thread.
        await().during(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(events.of("pool.second-borrow")).hasSize(1));
        List<Logged> told = events.of("pool.second-borrow");
        assertThat((String) told.get(0).fields().get("firstSite"))
                .contains("io.crablet.Application.borrow(Application.java:");
        assertThat((String) told.get(0).fields().get("secondSite"))
                .contains("io.crablet.Application.borrow(Application.java:");
    }

    private void collectUntil(String event) {
        await().until(() -> {
            System.gc();
            return !events.of(event).isEmpty();
        });
    }

    private static LedgerSettings settings(Duration suspect, boolean reclaim, @Nullable Duration overdue) {
        return new LedgerSettings(suspect, reclaim, true, overdue, Set.of(), List.of(), false);
    }

    private TestPool pool(LedgerSettings settings) {
        return pool(settings, borrow -> null);
    }

    private TestPool pool(LedgerSettings settings, Function<BorrowedConnection, @Nullable String> verdict) {
        LedgerLog log = new LedgerLog("test", verdict, settings.reclaimLeaked());
        TestPool opened = new TestPool(database, 2, settings, log);
        pool = opened;
        return opened;
    }
}
