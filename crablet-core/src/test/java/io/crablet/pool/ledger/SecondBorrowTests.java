package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.SecondBorrow;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(PostgresExtension.class)
class SecondBorrowTests {

    private final List<SecondBorrow> told = new CopyOnWriteArrayList<>();

    private final TestDatabase database;

    private final TestPool pool;

    SecondBorrowTests(TestDatabase database) {
        this.database = database;
        this.pool = new TestPool(database, 4, LedgerSettings.DEFAULTS, new LedgerListener() {
            @Override
            public void borrowedSecond(SecondBorrow sites) {
                told.add(sites);
            }
        });
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aSecondBorrowIsCountedAndBothSitesAreShownOnce() throws SQLException {
        for (int i = 0; i < 5; i++) {
            try (Connection first = pool.getConnection();
                    Connection second = pool.getConnection()) {
                assertThat(first).isNotEqualTo(second);
                List<BorrowedConnection> borrowed = pool.borrowed();
                assertThat(borrowed.get(0).whileHolding()).isNull();
                assertThat(borrowed.get(1).whileHolding())
                        .isEqualTo(borrowed.get(0).id());
            }
        }
        assertThat(pool.snapshot().secondBorrows()).isEqualTo(5);
        assertThat(pool.snapshot().secondBorrowSites())
                .singleElement()
                .satisfies(sites -> assertThat(sites.count()).isEqualTo(5));
        await().untilAsserted(
                        () -> assertThat(told).extracting(SecondBorrow::count).containsExactly(1L, 2L, 3L, 4L, 5L));
    }

    @Test
    void anotherTransactionOfItsOwnIsOne() {
        DataSourceTransactionManager manager = new DataSourceTransactionManager(pool);
        TransactionTemplate outer = new TransactionTemplate(manager);
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        JdbcTemplate jdbc = new JdbcTemplate(pool);
        outer.executeWithoutResult(one -> {
            jdbc.execute("select 1");
            inner.executeWithoutResult(two -> jdbc.execute("select 1"));
            jdbc.execute("select 1");
        });
        assertThat(pool.snapshot().secondBorrows()).isEqualTo(1);
        assertThat(pool.isQuiet()).isTrue();
    }

    @Test
    void oneAfterTheOtherIsNone() throws Exception {
        pool.getConnection().close();
        Connection handed = pool.getConnection();
        Thread other = new Thread(() -> {
            try {
                handed.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        other.start();
        other.join();
        pool.getConnection().close();
        assertThat(pool.snapshot().secondBorrows()).isZero();
    }

    @Test
    void whoAsksForThePairsTellsNobody() throws SQLException {
        pool.ledger().close();
        try (Connection first = pool.getConnection();
                Connection second = pool.getConnection()) {
            assertThat(first).isNotEqualTo(second);
            assertThat(pool.snapshot().secondBorrowSites()).hasSize(1);
            assertThat(told).isEmpty();
        }
        pool.ledger().start();
        await().until(() -> told.size() == 1);
    }

    @Test
    void oneThatAnotherThreadUsesIsHeldByThatThread() throws Exception {
        Connection handed = pool.getConnection();
        assertThat(pool.onlyBorrowed().handedOver()).isFalse();
        CompletableFuture.runAsync(() -> {
                    try {
                        handed.createStatement();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .get(10, TimeUnit.SECONDS);
        assertThat(pool.onlyBorrowed().handedOver()).isTrue();
        try (Connection another = pool.getConnection()) {
            assertThat(another).isNotEqualTo(handed);
            assertThat(pool.snapshot().secondBorrows()).isZero();
            assertThat(pool.borrowed())
                    .allSatisfy(one -> assertThat(one.whileHolding()).isNull());
        }
        handed.close();
    }

    @Test
    void oneOfAnotherPoolIsNone() throws SQLException {
        try (TestPool elsewhere = new TestPool(database, 1, LedgerSettings.DEFAULTS);
                Connection first = pool.getConnection();
                Connection second = elsewhere.getConnection()) {
            assertThat(first).isNotEqualTo(second);
            assertThat(pool.snapshot().secondBorrows()).isZero();
            assertThat(elsewhere.snapshot().secondBorrows()).isZero();
        }
    }

    @Test
    void aForgottenOneIsHeldByNobody() throws SQLException {
        forget();
        pool.awaitBack();
        pool.getConnection().close();
        assertThat(pool.snapshot().secondBorrows()).isZero();
    }

    private void forget() throws SQLException {
        pool.getConnection();
    }

    @Test
    void strictModeRefusesBeforeThePoolIsAsked() throws SQLException {
        try (TestPool strict = new TestPool(
                database, 2, new LedgerSettings(Duration.ofSeconds(30), true, true, null, Set.of(), List.of(), true))) {
            try (Connection first = strict.getConnection()) {
                assertThatThrownBy(strict::getConnection)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("55000"))
                        .hasMessageContaining("while it holds one")
                        .hasMessageContaining(Thread.currentThread().getName());
                assertThat(first.isClosed()).isFalse();
                assertThat(strict.active()).isEqualTo(1);
                assertThat(strict.onlyBorrowed().waitsForSecond()).isNull();
                assertThat(strict.snapshot().borrows()).isEqualTo(1);
                assertThat(strict.snapshot().secondBorrows()).isEqualTo(1);
            }
            strict.getConnection().close();
            assertThat(strict.isQuiet()).isTrue();
        }
    }

    @Test
    void aDeadlockIsSeenWhileItLasts() throws Exception {
        pool.hikari().setConnectionTimeout(2_000);
        CyclicBarrier allHaveOne = new CyclicBarrier(4);
        CountDownLatch seen = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                try (Connection first = pool.getConnection()) {
                    allHaveOne.await();
                    assertThatThrownBy(pool::getConnection).isInstanceOf(SQLException.class);
                    seen.await();
                    assertThat(first.isClosed()).isFalse();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        await().untilAsserted(() -> assertThat(pool.borrowed()).hasSize(4).allSatisfy(one -> {
            assertThat(one.waitsForSecond()).isNotNull();
            assertThat(one.waitsForSecond().frames()).isNotEmpty();
        }));
        await().untilAsserted(() -> assertThat(pool.borrowed())
                .hasSize(4)
                .allSatisfy(one -> assertThat(one.waitsForSecond()).isNull()));
        seen.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(pool.snapshot().timeouts()).isEqualTo(4);
        assertThat(pool.isQuiet()).isTrue();
    }
}
