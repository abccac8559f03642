package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Race;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.ReplayOracle;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two processes of several threads append at random, and whatever they were told has to be true of the log they left. */
@ExtendWith(PostgresExtension.class)
class RandomConcurrencyTests {

    private static final int WRITERS = 4;
    private static final int REQUESTS = 3_600;

    private final TestLog log;
    private final PostgresEventStore store;

    RandomConcurrencyTests(TestDatabase database) {
        log = new TestLog(database);
        store = log.store();
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    @Test
    void whatEachWriterWasToldIsTrueOfTheLog() throws IOException {
        long seed = System.nanoTime();
        CountDownLatch writing = new CountDownLatch(1);
        Background<List<SequencedEvent>> reader = Background.start(() -> follow(writing));
        List<String> reports = new ArrayList<>();
        try (ChildJvm other = startOtherProcess(seed)) {
            Race.run(AppenderProcess.writers(store, seed, 0, WRITERS, REQUESTS)).forEach(reports::addAll);
            reports.addAll(other.output());
        } finally {
            writing.countDown();
        }

        List<Attempt> attempts = reports.stream()
                .map(report -> RandomAppender.attempt(seed, report))
                .toList();
        List<SequencedEvent> events = store.read(Query.all()).events();
        String run = "seed %d: %d attempts, %d accepted, %d events"
                .formatted(
                        seed,
                        attempts.size(),
                        attempts.stream().filter(Attempt::isAccepted).count(),
                        events.size());
        try {
            ReplayOracle.check(events, attempts);
        } catch (AssertionError e) {
            throw new AssertionError(run, e);
        }
        assertThat(reader.result()).as(run + "; a reader that polled").isEqualTo(events);
        assertThat(attempts).as(run).hasSize(2 * WRITERS * REQUESTS).hasSizeGreaterThan(20_000);
        assertThat(attempts)
                .as(run + "; accepted")
                .filteredOn(Attempt::isAccepted)
                .hasSizeBetween(10_000, attempts.size() - 1_000);
    }

    private ChildJvm startOtherProcess(long seed) throws IOException {
        return ChildJvm.start(
                "-Xmx256m",
                AppenderProcess.class,
                log.database().jdbcUrl(),
                log.role(),
                TestLog.PASSWORD,
                log.schema(),
                Long.toString(seed),
                Integer.toString(WRITERS),
                Integer.toString(WRITERS),
                Integer.toString(REQUESTS));
    }

    /** Reads what comes after what it has read already, again and again until all has been written. */
    private List<SequencedEvent> follow(CountDownLatch writing) {
        List<SequencedEvent> seen = new ArrayList<>();
        boolean last;
        do {
            last = writing.getCount() == 0;
            long cursor = seen.isEmpty() ? 0 : seen.get(seen.size() - 1).position();
            seen.addAll(store.read(Query.all(), ReadOptions.defaults().withAfter(cursor))
                    .events());
        } while (!last);
        return seen;
    }
}
