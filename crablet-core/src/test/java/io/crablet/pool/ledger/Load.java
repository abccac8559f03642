package io.crablet.pool.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Threads that borrow, use and return connections all the time. */
final class Load {

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private final AtomicLong borrows = new AtomicLong();

    private final List<Thread> threads;

    private volatile boolean stopped;

    interface Task {
        void run() throws Exception;
    }

    /** Does something under load, and fails if it fails or any of the borrowers does. */
    static void during(DataSource pool, int threads, Task task) throws Exception {
        Load load = new Load(pool, threads);
        try {
            task.run();
        } finally {
            load.stop();
        }
        if (load.failure.get() != null || load.borrows.get() == 0) {
            throw new AssertionError("The load has failed after " + load.borrows + " borrows", load.failure.get());
        }
    }

    private Load(DataSource pool, int threads) {
        this.threads = IntStream.range(0, threads)
                .mapToObj(i -> new Thread(() -> run(pool), "load-" + i))
                .toList();
        this.threads.forEach(Thread::start);
    }

    private void run(DataSource pool) {
        while (!stopped) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("select 1");
                borrows.incrementAndGet();
            } catch (SQLException | RuntimeException e) {
                failure.set(e);
                return;
            }
        }
    }

    private void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
