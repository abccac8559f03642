package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A cursor stream that nothing can reach any more gives its connection back, and no other does. */
@SuppressWarnings("resource") // That streams are not closed is what is tested.
@ExtendWith(PostgresExtension.class)
class ForgottenStreamTests implements EventStoreListener {

    private static final int EVENTS = 100;

    /** Far beyond what the tests wait for. */
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private static final Query QUERY =
            Query.of(QueryItem.ofTypes("Enrolled").withTags(Tag.of("student", "Ada Lovelace")));

    private final TestLog log;
    private final PostgresEventStore store;
    private final AtomicInteger forgotten = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean connectionWasUsable = new AtomicBoolean(true);
    private final Logger logger = (Logger) LoggerFactory.getLogger(CursorRead.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    ForgottenStreamTests(TestDatabase database) {
        log = new TestLog(database);
        store = store(log.pool());
        store.append(IntStream.rangeClosed(1, EVENTS)
                .mapToObj(n -> Event.of("Enrolled", Integer.toString(n), Tag.of("student", "Ada Lovelace")))
                .toList());
        logged.start();
        logger.setLevel(Level.WARN);
        logger.setAdditive(false);
        logger.addAppender(logged);
    }

    private PostgresEventStore store(HikariDataSource pool) {
        return PostgresEventStore.builder(pool)
                .schema(log.schema())
                .pageSize(10)
                .readTimeout(TIMEOUT)
                .listener(this)
                .build();
    }

    @AfterEach
    void nothingIsHeldAndTheStoreWorks() {
        logger.detachAppender(logged);
        logger.setLevel(null);
        logger.setAdditive(true);
        log.backends().assertNothingHeld();
        assertThat(open).as("streams that count as open").hasValue(0);
        assertThat(store.head()).isEqualTo(EVENTS);
        log.close();
    }

    @Override
    public void streamOpened(Query query) {
        open.incrementAndGet();
    }

    @Override
    public void streamClosed(Query query) {
        open.decrementAndGet();
    }

    @Override
    public void streamForgotten(Query query, Connection connection) {
        forgotten.incrementAndGet();
        try {
            if (connection.isClosed() || connection.getAutoCommit()) {
                connectionWasUsable.set(false);
            }
        } catch (SQLException e) {
            connectionWasUsable.set(false);
        }
    }

    private Stream<SequencedEvent> stream() {
        return stream(store);
    }

    private static Stream<SequencedEvent> stream(PostgresEventStore store) {
        return store.stream(QUERY, ReadOptions.defaults(), StreamMode.CURSOR);
    }

    private static void forget(PostgresEventStore store) {
        forget(store, () -> {});
    }

    /** Looks before it forgets: any collection takes back what is forgotten. */
    private static void forget(PostgresEventStore store, Runnable look) {
        Iterator<SequencedEvent> events = stream(store).iterator();
        assertThat(events.next().position()).isEqualTo(1);
        look.run();
        Reference.reachabilityFence(events);
    }

    /** Waits until the garbage collector and the guard have found what there was to find. */
    private void collect() {
        int before = open.get();
        forget(store);
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return open.get() <= before;
        });
    }

    @Test
    void itsConnectionComesBack() {
        forget(store, () -> log.backends().assertBorrowed(1));

        await().untilAsserted(() -> {
            System.gc();
            log.backends().assertNoneBorrowed();
        });

        log.backends().assertNothingHeld();
        assertThat(forgotten).hasValue(1);
        assertThat(connectionWasUsable)
                .as("the listener was told before the connection went back")
                .isTrue();
    }

    @Test
    void itIsLoggedOnceWithoutTheValuesOfTags() {
        collect();
        collect();

        assertThat(logged.list).hasSize(2).allSatisfy(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage())
                    .contains("\"event store: stream (cursor) Enrolled{student}\" was forgotten", "try-with-resources")
                    .doesNotContain("Ada");
        });
    }

    @Test
    void dozensInARowPassThroughASmallPool() {
        HikariConfig config = log.poolConfig();
        config.setMaximumPoolSize(3);
        AtomicBoolean done = new AtomicBoolean();
        Background<Boolean> collector = collectUntil(done);
        try (HikariDataSource small = new HikariDataSource(config)) {
            PostgresEventStore crowded = store(small);
            for (int i = 0; i < 40; i++) {
                forget(crowded);
            }
            await().untilAsserted(() -> assertThat(small.getHikariPoolMXBean().getActiveConnections())
                    .isZero());
        } finally {
            done.set(true);
        }
        assertThat(collector.result()).isTrue();
        assertThat(forgotten).hasValue(40);
    }

    private static Background<Boolean> collectUntil(AtomicBoolean done) {
        return Background.start(() -> {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        System.gc();
                        return done.get();
                    });
            return true;
        });
    }

    /** All that a program may keep of a stream it goes on with, each with what it does in the end. */
    enum Kept {
        ITERATOR(stream -> begun(stream.iterator())),
        SPLITERATOR(stream -> begun(stream.spliterator())),
        ITERATOR_OF_A_DERIVED_STREAM(stream ->
                begun(stream.filter(event -> true).map(SequencedEvent::event).iterator())),
        SPLITERATOR_OF_A_DERIVED_STREAM(stream ->
                begun(stream.map(SequencedEvent::event).peek(event -> {}).spliterator())),
        SPLITERATOR_OF_A_CONCATENATION(
                stream -> begun(Stream.concat(stream, Stream.empty()).spliterator())),
        ITERATOR_OF_AN_UNORDERED_PARALLEL_STREAM(
                stream -> begun(stream.parallel().unordered().iterator())),
        STREAM_TO_CLOSE(stream -> {
            begun(stream.iterator());
            return () -> closed(stream);
        }),
        DERIVED_STREAM_TO_CLOSE(stream -> {
            Stream<Long> derived = stream.map(SequencedEvent::position);
            begun(derived.iterator());
            return () -> closed(derived);
        });

        private final Function<Stream<SequencedEvent>, Rest> begin;

        Kept(Function<Stream<SequencedEvent>, Rest> begin) {
            this.begin = begin;
        }

        private static Rest begun(Iterator<?> iterator) {
            assertThat(iterator.hasNext()).isTrue();
            iterator.next();
            return () -> {
                int count = 1;
                for (; iterator.hasNext(); iterator.next()) {
                    count++;
                }
                return count;
            };
        }

        private static Rest begun(Spliterator<?> spliterator) {
            AtomicInteger count = new AtomicInteger();
            assertThat(spliterator.tryAdvance(event -> count.incrementAndGet())).isTrue();
            return () -> {
                spliterator.forEachRemaining(event -> count.incrementAndGet());
                return count.get();
            };
        }

        private static int closed(Stream<?> stream) {
            stream.close();
            return EVENTS;
        }
    }

    /** Does what is left to do with a stream, and returns how many events there were. */
    interface Rest {
        int run();
    }

    @ParameterizedTest
    @EnumSource
    void oneOfWhichAnythingIsKeptGoesOn(Kept kept) {
        Rest rest = kept.begin.apply(stream());
        for (int i = 1; i <= 3; i++) {
            collect();
            log.backends().assertBorrowed(1);
        }
        assertThat(rest.run()).isEqualTo(EVENTS);
        log.backends().assertNoneBorrowed();
        assertThat(forgotten).hasValue(3);
    }

    @Test
    void oneOfStatesThatIsKeptGoesOn() {
        Projector<Integer> counter = Projector.of(QUERY, 0, (state, event) -> state + 1);
        var steps = store.projectStream(List.of(counter), ReadOptions.defaults(), StreamMode.CURSOR)
                .iterator();
        steps.next();
        collect();
        log.backends().assertBorrowed(1);
        int last = 0;
        while (steps.hasNext()) {
            last = steps.next().states().state(counter);
        }
        assertThat(last).isEqualTo(EVENTS);
    }

    @Test
    void oneThatAThreadIsBusyWithGoesOn() {
        AtomicInteger seen = new AtomicInteger();
        stream().forEach(event -> {
            if (event.position() % 40 == 0) {
                collect();
                log.backends().assertBorrowed(1);
            }
            seen.incrementAndGet();
        });
        assertThat(seen).hasValue(EVENTS);
    }

    @Test
    void theLastEventOfOneIsNotTakenForItsEnd() {
        assertThat(stream().spliterator().tryAdvance(event -> {
                    collect();
                    log.backends().assertBorrowed(1);
                }))
                .isTrue();
        await().untilAsserted(() -> {
            System.gc();
            log.backends().assertNoneBorrowed();
        });
    }

    @Test
    void underLoadAllAndOnlyForgottenOnesAreEnded() {
        AtomicBoolean done = new AtomicBoolean();
        Background<Boolean> collector = collectUntil(done);
        List<Background<Integer>> consumers = IntStream.range(0, 8)
                .mapToObj(n -> Background.start(() -> consume(n)))
                .toList();
        int toForget = consumers.stream().mapToInt(Background::result).sum();
        await().untilAsserted(() -> log.backends().assertNoneBorrowed());
        done.set(true);
        assertThat(collector.result()).isTrue();
        assertThat(toForget).isEqualTo(32);
        assertThat(forgotten).hasValue(toForget);
    }

    /** Returns how many it has forgotten. */
    private int consume(int thread) {
        int count = 0;
        for (int i = 0; i < 16; i++) {
            switch ((thread + i) % 4) {
                case 0 -> {
                    forget(store);
                    count++;
                }
                case 1 -> assertThat(stream().count()).isEqualTo(EVENTS);
                case 2 -> assertThat(Kept.ITERATOR.begin.apply(stream()).run()).isEqualTo(EVENTS);
                default -> {
                    try (Stream<SequencedEvent> stream = stream()) {
                        assertThat(stream.limit(5)).hasSize(5);
                    }
                }
            }
        }
        return count;
    }

    @Test
    void aTransactionGoesOnAfterItHasForgottenOne() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        transaction.executeWithoutResult(status -> {
            forget(store, () -> assertThat(open).hasValue(1));
            await().untilAsserted(() -> {
                System.gc();
                assertThat(open).hasValue(0);
            });
            log.backends().assertBorrowed(1);
            assertThat(new JdbcTemplate(log.pool())
                            .queryForObject("select count(*) from pg_cursors where name <> ''", Integer.class))
                    .as("cursors of the transaction")
                    .isEqualTo(1);
            assertThat(store.head()).isEqualTo(EVENTS);
        });
        assertThat(forgotten).hasValue(0);
        assertThat(logged.list).isEmpty();
    }

    @Test
    void aTransactionGoesOnWhileTheTimeOfItsStreamIsUp() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(log.pool()));
        transaction.executeWithoutResult(status -> {
            ReadOptions options = ReadOptions.defaults().withTimeout(Duration.ofSeconds(3));
            try (Stream<SequencedEvent> stream = store.stream(QUERY, options, StreamMode.CURSOR)) {
                stream.iterator().next();
                await().untilAsserted(() -> assertThat(open).hasValue(0));
                log.backends().assertBorrowed(1);
            }
            assertThat(open).hasValue(0);
            assertThat(store.head()).isEqualTo(EVENTS);
        });
    }
}
