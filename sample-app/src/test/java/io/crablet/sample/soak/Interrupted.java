package io.crablet.sample.soak;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;

/** Threads that are interrupted in the middle of what they do. What they do may fail, but not half. */
final class Interrupted {

    static final String TYPE = "Claimed";

    private static final int LATEST_INTERRUPT_MILLIS = 30;

    private final DataSource dataSource;
    private final EventStore store;
    private final Tally tally;
    private final AtomicLong tokens = new AtomicLong();

    Interrupted(DataSource dataSource, EventStore store, Tally tally) {
        this.dataSource = dataSource;
        this.store = store;
        this.tally = tally;
    }

    /** Claims what only one may have, twice, so that an append that looked interrupted but was not would show. */
    void appending() throws Exception {
        Tag token = Tag.of("token", Long.toString(tokens.incrementAndGet()));
        AppendCondition condition = AppendCondition.failIfEventsMatch(Query.ofTags(token));
        interrupt("interrupt an append", () -> {
            for (int i = 0; i < 2; i++) {
                try {
                    store.append(List.of(Event.of(TYPE, "{}", token)), condition);
                } catch (AppendConditionFailedException expected) {
                    tally.count("claim what is claimed already");
                }
            }
        });
    }

    void streaming() throws Exception {
        interrupt("interrupt a paged stream", () -> count(StreamMode.PAGED));
    }

    void streamingThroughACursor() throws Exception {
        interrupt("interrupt a cursor stream", () -> count(StreamMode.CURSOR));
    }

    void borrowing() throws Exception {
        interrupt("interrupt a borrow", () -> {
            try (Connection connection = dataSource.getConnection()) {
                connection.createStatement().execute("select pg_sleep(0.01)");
            }
        });
    }

    private void count(StreamMode mode) {
        try (Stream<SequencedEvent> events = store.stream(Query.all(), ReadOptions.defaults(), mode)) {
            tally.count("read before an interrupt", events.count());
        }
    }

    private void interrupt(String what, Task task) throws InterruptedException {
        Thread thread = new Thread(() -> {
            try {
                task.run();
                tally.count(what + " too late");
            } catch (DataAccessException | SQLException e) {
                tally.count(what);
            } catch (Exception | AssertionError e) {
                tally.failed(what, e);
            }
        });
        thread.start();
        thread.join(1 + ThreadLocalRandom.current().nextInt(LATEST_INTERRUPT_MILLIS));
        thread.interrupt();
        thread.join();
    }
}
