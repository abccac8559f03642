package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStoreInterruptedException;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Appends of several threads, through one connection and one commit. */
@ExtendWith(PostgresExtension.class)
class GroupCommitTests {

    private static final String UNKNOWN = "not known";

    private final TestLog log;
    private final FaultyDataSource dataSource;
    private final Batches batches = new Batches();

    GroupCommitTests(TestDatabase database) {
        log = new TestLog(database);
        dataSource = new FaultyDataSource(log.pool());
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    /** How many appends each batch had, in no certain order, as it is told when the next one may be under way; and how many wait. */
    private static final class Batches implements EventStoreListener {

        private final Queue<Integer> sizes = new ConcurrentLinkedQueue<>();
        private IntSupplier queued = () -> -1;

        @Override
        public void storeBuilt(IntSupplier queuedAppends) {
            queued = queuedAppends;
        }

        @Override
        public void batchSent(int requests) {
            sizes.add(requests);
        }

        void awaitQueued(int count) {
            await().until(() -> queued.getAsInt() == count);
        }
    }

    private PostgresEventStore.Builder builder() {
        // The first append of most tests has to wait for as long as others are being queued.
        return PostgresEventStore.builder(dataSource)
                .schema(log.schema())
                .listener(batches)
                .appendTimeout(Duration.ofMinutes(1));
    }

    private static AppendResult append(PostgresEventStore store, String type) {
        return store.append(List.of(Event.of(type, "{}")));
    }

    private static Background<AppendResult> start(PostgresEventStore store, String type) {
        return Background.start(() -> append(store, type));
    }

    /** Starts appends one after the other, each when the one before it stands in the queue. */
    private List<Background<AppendResult>> startQueued(PostgresEventStore store, int count) {
        List<Background<AppendResult>> appends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            appends.add(start(store, "Queued" + i));
            batches.awaitQueued(i + 1);
        }
        return appends;
    }

    private List<Background<AppendResult>> queued(PostgresEventStore store, int count) throws SQLException {
        return queued(store, count, waiting -> {});
    }

    /** Has some appends wait behind one that waits for the log's lock, and does something meanwhile. */
    private List<Background<AppendResult>> queued(
            PostgresEventStore store, int count, Consumer<List<Background<AppendResult>>> meanwhile)
            throws SQLException {
        try (OpenAppend open = new OpenAppend()) {
            start(store, "First");
            log.backends().awaitWaitingForLock(1);
            List<Background<AppendResult>> appends = startQueued(store, count);
            meanwhile.accept(appends);
            open.commit();
            return appends;
        }
    }

    /** A transaction that has appended, and so has all others wait. */
    private final class OpenAppend implements AutoCloseable {

        private final Connection connection;

        OpenAppend() throws SQLException {
            connection = log.pool().getConnection();
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.execute(
                        "select * from " + log.schema()
                                + ".crablet_append(1000, '{1}', '{Open}', '{\"{}\"}', '{\"{}\"}', '{\"{}\"}', '{null}', '{0}', '{}', '{}')");
            }
        }

        void commit() throws SQLException {
            connection.commit();
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    /** Has a batch of three wait for the log's lock: the one that was sent before them is interrupted. */
    private List<Background<AppendResult>> startBatch(PostgresEventStore store, ThreadFactory threads) {
        Background<AppendResult> first = Background.start(threads, () -> append(store, "First"));
        log.backends().awaitWaitingForLock(1);
        List<Background<AppendResult>> batch = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String type = "Batch" + i;
            batch.add(Background.start(threads, () -> append(store, type)));
            batches.awaitQueued(i + 1);
        }
        first.interrupt();
        assertThat(first.failure()).isInstanceOf(EventStoreInterruptedException.class);
        batches.awaitQueued(0);
        log.backends().awaitWaitingForLock(1);
        return batch;
    }

    private static void assertAppended(List<Background<AppendResult>> appends) {
        assertThat(appends).allSatisfy(append -> assertThat(append.result()).isNotNull());
    }

    private long written(String type) {
        return log.store().read(Query.ofTypes(type)).events().size();
    }

    @Test
    void aCrowdBorrowsOneConnectionAndCommitsTogether() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> crowd;
        try (OpenAppend open = new OpenAppend()) {
            start(store, "First");
            log.backends().awaitWaitingForLock(1);
            crowd = IntStream.range(0, 200).mapToObj(i -> start(store, "Crowd")).toList();
            batches.awaitQueued(200);
            log.backends().assertBorrowed(2);
            open.commit();
        }
        assertAppended(crowd);
        assertThat(dataSource.mostBorrowed()).isOne();
        await().untilAsserted(() -> assertThat(batches.sizes).containsExactlyInAnyOrder(1, 200));
        assertThat(crowd.stream().map(append -> append.result().firstPosition()).distinct())
                .hasSize(200);
    }

    @Test
    void nobodyIsOvertaken() throws SQLException {
        PostgresEventStore store = builder().maxBatchEvents(4).build();
        List<Background<AppendResult>> appends = queued(store, 10);
        assertThat(appends.stream().map(append -> append.result().firstPosition()))
                .containsExactlyElementsOf(
                        IntStream.range(3, 13).mapToObj(Long::valueOf).toList());
        await().untilAsserted(() -> assertThat(batches.sizes).containsExactlyInAnyOrder(1, 4, 4, 2));
    }

    @Test
    void aBatchHasNoMoreBytesThanTheLimit() throws SQLException {
        PostgresEventStore store = builder().maxBatchBytes(10).build();
        List<Background<AppendResult>> appends = queued(store, 5);
        assertAppended(appends);
        // Four bytes each: data and metadata.
        await().untilAsserted(() -> assertThat(batches.sizes).containsExactlyInAnyOrder(1, 2, 2, 1));
    }

    @Test
    void eachConditionSeesTheAppendsBeforeItInTheBatch() throws SQLException {
        PostgresEventStore store = builder().build();
        AppendCondition once = AppendCondition.failIfEventsMatch(Query.ofTypes("Once"));
        List<Background<AppendResult>> appends = new ArrayList<>();
        try (OpenAppend open = new OpenAppend()) {
            start(store, "First");
            log.backends().awaitWaitingForLock(1);
            for (int i = 0; i < 10; i++) {
                appends.add(Background.start(() -> store.append(List.of(Event.of("Once", "{}")), once)));
                batches.awaitQueued(i + 1);
            }
            open.commit();
        }
        assertThat(appends.get(0).result()).isEqualTo(new AppendResult(3, 3));
        assertThat(appends.subList(1, 10))
                .allSatisfy(append -> assertThat(append.failure())
                        .asInstanceOf(InstanceOfAssertFactories.type(AppendConditionFailedException.class))
                        .extracting(AppendConditionFailedException::position)
                        .isEqualTo(3L));
        await().untilAsserted(() -> assertThat(batches.sizes).containsExactlyInAnyOrder(1, 10));
    }

    @Test
    void aFullQueueRefusesAtOnce() throws SQLException {
        PostgresEventStore store = builder().maxQueuedAppends(2).build();
        List<Background<AppendResult>> appends = queued(store, 2, waiting -> {
            assertThatExceptionOfType(TransientDataAccessResourceException.class)
                    .isThrownBy(() -> append(store, "Refused"))
                    .withMessageContaining("2 appends")
                    .withMessageContaining("nothing was sent");
        });
        assertAppended(appends);
        assertThat(append(store, "Later").firstPosition()).isEqualTo(5);
    }

    @Test
    void whatWasNotSentInTimeIsNotAppended() {
        PostgresEventStore store =
                builder().appendTimeout(Duration.ofMillis(300)).build();
        dataSource.stopLending();
        List<Background<AppendResult>> appends =
                List.of(start(store, "Late"), start(store, "Late"), start(store, "Late"));
        await().until(() -> batches.queued.getAsInt() == 1 && dataSource.waiting() == 1);
        dataSource.lendAgain();
        assertThat(appends)
                .allSatisfy(append -> assertThat(append.failure())
                        .isInstanceOf(CannotAcquireLockException.class)
                        .hasMessageContaining("nothing was sent"));
        assertThat(written("Late")).isZero();
        assertThat(append(store, "Next").firstPosition()).isOne();
    }

    @Test
    void anInterruptWithdrawsWhatWaits() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            waiting.get(1).interrupt();
            assertThat(waiting.get(1).failure())
                    .isInstanceOf(EventStoreInterruptedException.class)
                    .hasMessageContaining("nothing was sent");
            batches.awaitQueued(2);
        });
        assertAppended(List.of(appends.get(0), appends.get(2)));
        assertThat(written("Queued1")).isZero();
    }

    @Test
    void theInterruptOfAFollowerCostsNoOtherItsAppend() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> batch;
        try (OpenAppend open = new OpenAppend()) {
            batch = startBatch(store, Thread::new);
            batch.get(1).interrupt();
            assertThat(batch.get(1).failure())
                    .isInstanceOf(EventStoreInterruptedException.class)
                    .hasMessageContaining("nothing of it was written");
            open.commit();
        }
        assertAppended(List.of(batch.get(0), batch.get(2)));
        assertThat(written("Batch1")).isZero();
    }

    @Test
    void theInterruptOfTheLeaderCostsNoOtherItsAppend() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> batch;
        try (OpenAppend open = new OpenAppend()) {
            batch = startBatch(store, Thread::new);
            batch.get(0).interrupt();
            assertThat(batch.get(0).failure()).isInstanceOf(EventStoreInterruptedException.class);
            open.commit();
        }
        assertAppended(batch.subList(1, 3));
        assertThat(written("Batch0")).isZero();
    }

    @Test
    void theInterruptOfAVirtualLeaderLeavesNobodyInDoubt() throws Exception {
        assumeTrue(VirtualThreads.exist(), "virtual threads need JDK 21");
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> batch;
        try (OpenAppend open = new OpenAppend()) {
            batch = startBatch(store, VirtualThreads.factory());
            batch.get(0).interrupt();
            assertThat(batch.get(0).failure())
                    .isInstanceOf(EventStoreInterruptedException.class)
                    .hasMessageNotContaining(UNKNOWN);
            open.commit();
        }
        assertAppended(batch.subList(1, 3));
        assertThat(written("Batch0")).isZero();
    }

    @Test
    void theFirstToRunOutOfTimeDoesNotTakeTheOthersAlong() throws SQLException {
        PostgresEventStore store =
                builder().appendTimeout(Duration.ofSeconds(4)).build();
        Background<AppendResult> early;
        Background<AppendResult> late;
        try (OpenAppend open = new OpenAppend()) {
            Background<AppendResult> first = start(store, "First");
            log.backends().awaitWaitingForLock(1);
            early = start(store, "Early");
            batches.awaitQueued(1);
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            late = start(store, "Late");
            batches.awaitQueued(2);
            first.interrupt();
            assertThat(first.failure()).isInstanceOf(EventStoreInterruptedException.class);
            assertThat(early.failure())
                    .isInstanceOf(CannotAcquireLockException.class)
                    .hasMessageContaining("PT4S");
            open.commit();
        }
        assertThat(late.result()).isEqualTo(new AppendResult(2, 2));
        assertThat(written("Early")).isZero();
    }

    @Test
    void whatTheServerRefusesFailsAlone() throws SQLException {
        log.execute("alter table crablet_events add constraint no_bad check (type <> 'Queued1')");
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3);
        assertThat(appends.get(1).failure()).isInstanceOf(DataIntegrityViolationException.class);
        assertThat(appends.get(0).result()).isEqualTo(new AppendResult(3, 3));
        assertThat(appends.get(2).result()).isEqualTo(new AppendResult(4, 4));
    }

    @Test
    void aLeaderWithoutAConnectionFailsAlone() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            dataSource.failNext(new SQLException("none left", "08001"));
        });
        assertThat(appends.get(0).failure()).isInstanceOf(CannotGetJdbcConnectionException.class);
        assertAppended(appends.subList(1, 3));
    }

    @Test
    void aLeaderWithoutMemoryFailsAlone() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            dataSource.before("createArrayOf", () -> {
                throw new OutOfMemoryError("on purpose");
            });
        });
        assertThat(appends.get(0).failure()).isInstanceOf(OutOfMemoryError.class);
        assertAppended(appends.subList(1, 3));
        assertThat(written("Queued0")).isZero();
    }

    @Test
    void aLeaderThatDiesAfterSendingLeavesNobodyWaiting() throws SQLException {
        PostgresEventStore store = builder().build();
        AtomicBoolean cut = new AtomicBoolean();
        dataSource.before("abort", () -> cut.set(true));
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            dataSource.before(
                    "createArrayOf",
                    () -> dataSource.after("executeQuery", () -> {
                        throw new OutOfMemoryError("on purpose");
                    }));
        });
        assertThat(appends.get(0).failure()).isInstanceOf(OutOfMemoryError.class);
        assertThat(appends.subList(1, 3))
                .allSatisfy(append -> assertThat(append.failure())
                        .isInstanceOf(DataAccessResourceFailureException.class)
                        .hasMessageContaining(UNKNOWN));
        assertThat(cut).as("nobody uses the connection again").isTrue();
        assertThat(append(store, "Next")).isNotNull();
    }

    @Test
    void aLeaderThatCannotEvenCutItsConnectionLeavesNobodyWaiting() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            dataSource.before(
                    "createArrayOf",
                    () -> dataSource.after("executeQuery", () -> {
                        throw new OutOfMemoryError("on purpose");
                    }));
            dataSource.before("abort", () -> {
                throw new OutOfMemoryError("once more");
            });
        });
        assertThat(appends).allSatisfy(append -> assertThat(append.failure()).isNotNull());
        assertThat(append(store, "Next")).isNotNull();
    }

    @Test
    void whatFailsAfterTheCommitDoesNotFailTheAppend() {
        PostgresEventStore store = builder().build();
        dataSource.after(FaultyDataSource.RETURN, () -> {
            throw new IllegalStateException("of a wrapper around the pool");
        });
        assertThat(append(store, "Kept")).isEqualTo(new AppendResult(1, 1));
    }

    @Test
    void anInterruptGivesABatchTheTimeToBeAnswered() throws SQLException {
        PendingAppend interrupted = new PendingAppend(
                new AppendRequest(List.of(Event.of("A", "{}")), 4, null),
                System.nanoTime() + Duration.ofMinutes(1).toNanos());
        try (Connection connection = dataSource.getConnection()) {
            BatchQuery batch = new BatchQuery(connection, Duration.ofMinutes(1), List.of(interrupted, interrupted));
            batch.aboutToSend();
            Thread.currentThread().interrupt();
            assertThat(batch.isInterrupted()).isFalse();
            assertThat(interrupted.isInterrupted()).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            await().until(batch::isInterrupted);
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void anAnswerThatCannotBeReadIsNotTakenForARefusal() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 3, waiting -> {
            dataSource.before(
                    "createArrayOf",
                    () -> dataSource.after("executeQuery", () -> {
                        throw new SQLException("of the driver, not of the server", "22000");
                    }));
        });
        assertThat(appends)
                .allSatisfy(append -> assertThat(append.failure())
                        .isInstanceOf(DataAccessResourceFailureException.class)
                        .hasMessageContaining(UNKNOWN));
        assertThat(IntStream.range(0, 3).mapToLong(i -> written("Queued" + i)))
                .as("none was sent again")
                .containsExactly(1L, 1L, 1L);
    }

    @Test
    void whoMakesABatchFailIsFoundByHalving() throws SQLException {
        log.execute("alter table crablet_events add constraint no_bad check (type <> 'Queued5')");
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> appends = queued(store, 8);
        assertThat(appends.remove(5).failure()).isInstanceOf(DataIntegrityViolationException.class);
        assertThat(appends.stream().map(append -> append.result().firstPosition()))
                .containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L);
        await().untilAsserted(() -> assertThat(batches.sizes).contains(1, 4).hasSizeLessThan(8));
    }

    @Test
    void oneTagThatAllHaveDoesNotPartABatch() throws SQLException {
        PostgresEventStore store = builder().build();
        Tag tenant = new Tag("tenant", "1");
        List<Background<AppendResult>> appends = new ArrayList<>();
        try (OpenAppend open = new OpenAppend()) {
            start(store, "First");
            log.backends().awaitWaitingForLock(1);
            for (int i = 0; i < 20; i++) {
                Tag entity = new Tag("entity", Integer.toString(i % 10));
                AppendCondition condition =
                        AppendCondition.failIfEventsMatch(Query.of(QueryItem.ofTags(tenant, entity)));
                appends.add(Background.start(
                        () -> store.append(List.of(Event.of("Tagged", "{}", tenant, entity)), condition)));
                batches.awaitQueued(i + 1);
            }
            open.commit();
        }
        assertAppended(appends.subList(0, 10));
        assertThat(appends.subList(10, 20))
                .allSatisfy(append -> assertThat(append.failure()).isInstanceOf(AppendConditionFailedException.class));
    }

    @Test
    void aLostConnectionLeavesNobodyWaiting() throws SQLException {
        PostgresEventStore store = builder().build();
        List<Background<AppendResult>> batch;
        try (OpenAppend open = new OpenAppend()) {
            batch = startBatch(store, Thread::new);
            log.backends().terminateWaiting();
            assertThat(batch)
                    .allSatisfy(append -> assertThat(append.failure())
                            .isInstanceOf(DataAccessResourceFailureException.class)
                            .hasMessageContaining(UNKNOWN));
            open.commit();
        }
        assertThat(append(store, "Next").firstPosition()).isEqualTo(2);
    }

    @Test
    void aDataSourceThatChoosesByThreadIsAskedByEachThread() throws SQLException {
        AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
            @Override
            protected Object determineCurrentLookupKey() {
                return Thread.currentThread().getName();
            }
        };
        routing.setTargetDataSources(Map.of());
        routing.setDefaultTargetDataSource(dataSource);
        routing.afterPropertiesSet();
        PostgresEventStore store = PostgresEventStore.builder(new DelegatingDataSource(routing))
                .schema(log.schema())
                .build();
        assertEachBorrowsItsOwn(store);
    }

    @Test
    void aDataSourceThatChoosesByThreadIsRecognizedBehindAProxyOfAnotherLibrary() throws SQLException {
        AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
            @Override
            protected Object determineCurrentLookupKey() {
                return "any";
            }
        };
        routing.setTargetDataSources(Map.of());
        routing.setDefaultTargetDataSource(dataSource);
        routing.afterPropertiesSet();
        DataSource proxy = (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> method.invoke(routing, arguments));
        assertEachBorrowsItsOwn(
                PostgresEventStore.builder(proxy).schema(log.schema()).build());
    }

    @Test
    void withoutGroupCommitEachThreadBorrowsItsOwn() throws SQLException {
        assertEachBorrowsItsOwn(builder().groupCommit(false).build());
    }

    private void assertEachBorrowsItsOwn(PostgresEventStore store) throws SQLException {
        List<Background<AppendResult>> appends;
        try (OpenAppend open = new OpenAppend()) {
            appends = List.of(start(store, "A"), start(store, "A"), start(store, "A"));
            log.backends().awaitWaitingForLock(3);
            open.commit();
        }
        assertAppended(appends);
        assertThat(dataSource.mostBorrowed()).isEqualTo(3);
    }

    @Test
    void anInterruptedThreadSendsNothing() {
        PostgresEventStore store = builder().build();
        Thread.currentThread().interrupt();
        Throwable failure = catchThrowable(() -> append(store, "Interrupted"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure).isInstanceOf(EventStoreInterruptedException.class);
        assertThat(written("Interrupted")).isZero();
    }
}
