package io.crablet.sample.soak;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.EventStore;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.sample.SampleTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;

/** Runs a mixed load for as long as the system property {@code crablet.soak} says, for example {@code PT10M}. */
@SampleTest
@ActiveProfiles("faults")
@TestPropertySource(properties = "spring.datasource.hikari.maximum-pool-size=" + SoakTests.POOL)
@DirtiesContext
class SoakTests {

    static final int POOL = 16;

    private static final Logger log = LoggerFactory.getLogger(SoakTests.class);

    private static final Duration DURATION = Duration.parse(System.getProperty("crablet.soak", "PT20S"));

    @Autowired
    DataSource dataSource;

    @Autowired
    EventStore store;

    @LocalServerPort
    int port;

    private final Tally tally = new Tally();
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private HikariDataSource pool;
    private ConnectionLedger ledger;

    @BeforeEach
    void findThePool() throws SQLException {
        pool = dataSource.unwrap(HikariDataSource.class);
        ledger = dataSource.unwrap(ConnectionLedger.class);
    }

    @Test
    void whateverIsForgottenComesBackAndNothingElseIsTaken() throws Exception {
        JdbcClient.create(dataSource).sql("create table soak_note (note text)").update();
        new Visitors(port, tally).defineCourses();
        startAll();

        boolean ended = end.await(DURATION.toNanos(), TimeUnit.NANOSECONDS);
        end.countDown();
        for (Thread thread : threads) {
            thread.join(SECONDS.toMillis(60));
        }

        log.info("After {}: {}", DURATION, tally);
        assertThat(tally.failures()).isEmpty();
        assertThat(ended).as("ended early").isFalse();
        assertThat(threads).noneMatch(Thread::isAlive);
        await().atMost(60, SECONDS).until(this::nothingIsBorrowed);
        LedgerSnapshot after = ledger.snapshot();
        long events = Rules.check(store);
        log.info(
                "{} borrows, {} leaks, {} taken back, {} overdue, {} timeouts, {} second borrows, {} events",
                after.borrows(),
                after.leaks(),
                after.leaksReclaimed(),
                after.overdueReclaimed(),
                after.timeouts(),
                after.secondBorrows(),
                events);
        assertThat(after.leaksReclaimed()).isEqualTo(tally.ofAll("forget"));
        assertThat(after.overdueReclaimed()).isZero();
        assertThat(after.timeouts()).isZero();
        assertThat(JdbcClient.create(dataSource)
                        .sql("select count(*) from soak_note where note = 'forgotten'")
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThatAllConnectionsCanBeBorrowed();
    }

    private void startAll() {
        Visitors visitors = new Visitors(port, tally);
        Holders holders = new Holders(dataSource, store, tally, end);
        Forgetters forgetters = new Forgetters(dataSource, store, tally);
        Interrupted interrupted = new Interrupted(dataSource, store, tally);
        for (int i = 0; i < 3; i++) {
            start("visitor", 0, visitors::subscribe, visitors::subscribe, visitors::unsubscribe, visitors::look);
        }
        start("reader", 5, visitors::readEvents, visitors::follow, visitors::changeCapacity);
        start("fault", 1_000, visitors::stageAFault);
        start("result-set", 0, holders::keepAResultSet);
        start("statement", 0, holders::keepAStatement, holders::handOver);
        start("stream", 0, holders::keepAStream, holders::readACursorStream);
        start("transaction", 0, holders::keepATransaction);
        start(
                "forgetter",
                300,
                forgetters::forgetAConnection,
                forgetters::forgetAResultSet,
                forgetters::forgetATransaction,
                forgetters::forgetAChangedSession,
                forgetters::forgetAQueryForStream,
                forgetters::forgetACursorStream,
                forgetters::endAThreadWithItsConnection);
        start(
                "interrupted",
                20,
                interrupted::appending,
                interrupted::streaming,
                interrupted::streamingThroughACursor,
                interrupted::borrowing);
        start("collector", 500, System::gc);
    }

    /** Does one or other of the tasks again and again, with a pause of up to so many milliseconds in between. */
    private void start(String name, int pauseMillis, Task... tasks) {
        Thread thread = new Thread(() -> repeat(name, pauseMillis, tasks), "soak-" + name);
        threads.add(thread);
        thread.start();
    }

    private void repeat(String name, int pauseMillis, Task... tasks) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        try {
            while (!end.await(pauseMillis == 0 ? 0 : random.nextInt(pauseMillis), TimeUnit.MILLISECONDS)) {
                tasks[random.nextInt(tasks.length)].run();
            }
        } catch (Exception | AssertionError e) {
            log.warn("{} has failed", name, e);
            tally.failed(name, e);
            end.countDown();
        }
    }

    private boolean nothingIsBorrowed() {
        System.gc();
        return ledger.snapshot().borrowed().isEmpty()
                && pool.getHikariPoolMXBean().getActiveConnections() == 0;
    }

    private void assertThatAllConnectionsCanBeBorrowed() throws SQLException {
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < POOL; i++) {
            all.add(dataSource.getConnection());
        }
        for (Connection connection : all) {
            assertThat(connection.isValid(1)).isTrue();
            connection.close();
        }
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }
}
