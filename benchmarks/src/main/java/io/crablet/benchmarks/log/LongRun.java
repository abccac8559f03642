package io.crablet.benchmarks.log;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Tag;
import io.crablet.eventstore.postgres.PostgresEventStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * So many conditional appends to 10,000 entities by 64 callers, beside a thread that appends a tenth as many events to the same
 * entities in transactions that it rolls back. Of each entity one caller knows the last event, so that conditions hold.
 */
final class LongRun {

    static final int CALLERS = 64;

    private static final int TENTHS = 10;

    private static final int ENTITIES_OF_CALLER = 156;

    /** Of one transaction: so few of these that they do not decide the rate, as each holds the log's lock for two round trips. */
    private static final int ROLLED_BACK_AT_ONCE = 32;

    private static final String DATA = "{\"text\":\"" + "x".repeat(88) + "\"}";

    private final EventStore store;
    private final TransactionTemplate transaction;
    private final int appends;
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicLong rolledBack = new AtomicLong();
    private final AtomicLongArray ends = new AtomicLongArray(TENTHS);

    LongRun(DataSource dataSource, int appends) {
        this.store = PostgresEventStore.builder(dataSource).build();
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        this.appends = appends;
    }

    interface Halfway {
        void run() throws Exception;
    }

    long rolledBack() {
        return rolledBack.get();
    }

    /** Appends, and returns the events a second of each tenth of the run. */
    List<Double> rates(Halfway halfway) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS + 2);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                int caller = i;
                work.add(() -> {
                    append(caller);
                    return null;
                });
            }
            work.add(() -> {
                rollBack();
                return null;
            });
            work.add(() -> {
                waitUntil(appends / 2);
                halfway.run();
                return null;
            });
            long start = System.nanoTime();
            for (Future<Void> finished : threads.invokeAll(work)) {
                finished.get();
            }
            return rates(start);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Double> rates(long start) {
        List<Double> rates = new ArrayList<>();
        long last = start;
        for (int i = 0; i < TENTHS; i++) {
            rates.add(appends / TENTHS * 1e9 / (ends.get(i) - last));
            last = ends.get(i);
        }
        return rates;
    }

    private void append(int caller) {
        long[] heads = new long[ENTITIES_OF_CALLER];
        try {
            while (begun.getAndIncrement() < appends) {
                int own = ThreadLocalRandom.current().nextInt(ENTITIES_OF_CALLER);
                Tag entity = entity(caller, own);
                heads[own] = store.append(
                                List.of(event(entity)),
                                AppendCondition.failIfEventsMatch(Query.ofTags(entity))
                                        .after(heads[own]))
                        .lastPosition();
                int number = done.incrementAndGet();
                if (number % (appends / TENTHS) == 0) {
                    ends.set(number / (appends / TENTHS) - 1, System.nanoTime());
                }
            }
        } finally {
            // Also for one that fails: the others end, too, and nobody waits for ever.
            begun.set(appends);
        }
    }

    private void rollBack() {
        while (begun.get() < appends) {
            if (rolledBack.get() * TENTHS >= done.get()) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            ThreadLocalRandom random = ThreadLocalRandom.current();
            Tag entity = entity(random.nextInt(CALLERS), random.nextInt(ENTITIES_OF_CALLER));
            List<Event> events = Collections.nCopies(ROLLED_BACK_AT_ONCE, event(entity));
            transaction.executeWithoutResult(status -> {
                store.append(events, AppendCondition.failIfEventsMatch(Query.ofTags(Tag.of("no", "such"))));
                status.setRollbackOnly();
            });
            rolledBack.addAndGet(ROLLED_BACK_AT_ONCE);
        }
    }

    private void waitUntil(int number) {
        while (done.get() < number && begun.get() < appends) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static Tag entity(int caller, int own) {
        return Logs.entity(caller * ENTITIES_OF_CALLER + own);
    }

    private static Event event(Tag entity) {
        return Event.of("Appended", DATA, entity, Logs.COMMON);
    }
}
