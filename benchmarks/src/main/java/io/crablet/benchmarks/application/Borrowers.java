package io.crablet.benchmarks.application;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** Threads that each have borrowed a connection, used it and keep it, and others that wait for one and come again when that was in vain. */
final class Borrowers implements AutoCloseable {

    private final DataSource dataSource;

    private final CountDownLatch end = new CountDownLatch(1);

    private final List<Thread> threads = new ArrayList<>();

    Borrowers(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Has some hold a connection each, and returns when they do. */
    void hold(int holders) throws InterruptedException {
        CountDownLatch borrowed = new CountDownLatch(holders);
        for (int i = 0; i < holders; i++) {
            start("holder-" + i, () -> hold(borrowed));
        }
        if (!borrowed.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException(borrowed.getCount() + " of " + holders + " got no connection");
        }
    }

    /** Has some wait for a connection. */
    void call(int callers) {
        for (int i = 0; i < callers; i++) {
            start("caller-" + i, this::call);
        }
    }

    private void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    /** Idle in a transaction, as one that does something else meanwhile. */
    private void hold(CountDownLatch borrowed) {
        try (Connection connection = first();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 1");
            borrowed.countDown();
            end.await();
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A pool that has just begun may not have opened so many connections by the time that the first callers give up. */
    private Connection first() throws SQLException {
        while (true) {
            try {
                return dataSource.getConnection();
            } catch (SQLTransientConnectionException e) {
                if (end.getCount() == 0) {
                    throw e;
                }
            }
        }
    }

    /** There is one for it when all is over only. */
    private void call() {
        while (end.getCount() > 0) {
            try {
                dataSource.getConnection().close();
            } catch (SQLTransientConnectionException e) {
                // In vain: what it is here for.
                Thread.yield();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        end.countDown();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
