package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** However many want to end a borrow at once, it ends once. */
@ExtendWith(PostgresExtension.class)
class RaceTests {

    private static final long DURATION_NANOS = TimeUnit.SECONDS.toNanos(6);

    /** On a slow machine it takes longer to see as much. */
    private static final int ENOUGH = 100;

    private static final LedgerSettings SETTINGS =
            new LedgerSettings(Duration.ofMillis(50), true, true, Duration.ofMillis(300), Set.of(), List.of(), false);

    private final AtomicLong returned = new AtomicLong();

    private final TestPool pool;

    RaceTests(TestDatabase database) {
        pool = new TestPool(database, 4, SETTINGS, new LedgerListener() {
            @Override
            public void returned(@Nullable String operation, long heldNanos) {
                returned.incrementAndGet();
            }
        });
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void eachConnectionIsGivenBackExactlyOnce() throws Exception {
        long begin = System.nanoTime();
        BlockingQueue<Connection> handed = new LinkedBlockingQueue<>();
        CountDownLatch never = new CountDownLatch(1);
        AtomicLong borrows = new AtomicLong();
        BooleanSupplier goesOn = () -> {
            long nanos = System.nanoTime() - begin;
            return nanos < DURATION_NANOS || borrows.get() <= ENOUGH && nanos < 10 * DURATION_NANOS;
        };
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            threads.add(start(() -> {
                while (goesOn.getAsBoolean()) {
                    misbehave(pool.getConnection(), handed);
                    borrows.incrementAndGet();
                }
            }));
        }
        for (int i = 0; i < 2; i++) {
            threads.add(start(() -> {
                while (goesOn.getAsBoolean()) {
                    Connection connection = handed.poll(10, TimeUnit.MILLISECONDS);
                    if (connection != null) {
                        connection.close();
                    }
                }
            }));
        }
        threads.add(start(() -> {
            while (goesOn.getAsBoolean()) {
                List<BorrowedConnection> borrowed = pool.borrowed();
                if (!borrowed.isEmpty()) {
                    BorrowedConnection one =
                            borrowed.get(ThreadLocalRandom.current().nextInt(borrowed.size()));
                    pool.ledger().reclaim(one.id(), "a race");
                }
                never.await(20, TimeUnit.MILLISECONDS);
            }
        }));
        threads.add(start(() -> {
            while (goesOn.getAsBoolean()) {
                Collector.collect();
                never.await(20, TimeUnit.MILLISECONDS);
            }
        }));
        for (Thread thread : threads) {
            thread.join();
        }
        for (Connection left : handed) {
            left.close();
        }
        pool.awaitBack();

        await().until(() -> pool.hikari().getHikariPoolMXBean().getThreadsAwaitingConnection() == 0);
        LedgerSnapshot known = pool.snapshot();
        assertThat(known.borrows()).isEqualTo(borrows.get()).isGreaterThan(ENOUGH);
        assertThat(known.returns()).isEqualTo(known.borrows()).isEqualTo(returned.get());
        assertThat(known.leaksReclaimed()).isPositive();
        assertThat(known.overdueReclaimed()).isPositive();
        assertThat(pool.active()).isZero();
        assertThat(pool.hikari().getHikariPoolMXBean().getTotalConnections()).isLessThanOrEqualTo(4);
    }

    private static void misbehave(Connection connection, BlockingQueue<Connection> handed) throws SQLException {
        try {
            connection.createStatement().execute("select 1");
        } catch (SQLException takenBack) {
            assertThat(takenBack.getSQLState()).isIn("08003", "08006", "57014", "57P01");
        }
        switch (ThreadLocalRandom.current().nextInt(10)) {
            case 0 -> connection.abort(Runnable::run);
            case 1 -> handed.add(connection);
            case 2 -> {
                handed.add(connection);
                connection.close();
            }
            case 3 -> {
                // Forgotten.
            }
            default -> connection.close();
        }
    }

    interface Task {
        void run() throws Exception;
    }

    private static Thread start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }
}
