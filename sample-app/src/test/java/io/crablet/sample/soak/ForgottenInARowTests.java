package io.crablet.sample.soak;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.sample.SampleTest;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Forgets as many connections in a row as the system property {@code crablet.forgotten} says. */
@SampleTest
@TestPropertySource(
        properties = {
            "spring.datasource.hikari.maximum-pool-size=5",
            "spring.datasource.hikari.connection-timeout=" + ForgottenInARowTests.CONNECTION_TIMEOUT
        })
@DirtiesContext
class ForgottenInARowTests {

    static final int CONNECTION_TIMEOUT = 10_000;

    private static final Logger log = LoggerFactory.getLogger(ForgottenInARowTests.class);

    private static final int COUNT = Integer.getInteger("crablet.forgotten", 200);

    @Test
    void eachComesBackBeforeACallerHasWaitedInVain(@Autowired DataSource dataSource) throws SQLException {
        HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);
        ConnectionLedger ledger = dataSource.unwrap(ConnectionLedger.class);
        long start = System.nanoTime();
        long longest = 0;
        for (int i = 0; i < COUNT; i++) {
            long asked = System.nanoTime();
            borrowAndForget(dataSource);
            longest = Math.max(longest, System.nanoTime() - asked);
        }
        log.info(
                "Forgot {} connections in {}; the longest that one had to be waited for was {}",
                COUNT,
                Duration.ofNanos(System.nanoTime() - start),
                Duration.ofNanos(longest));

        await().atMost(10, SECONDS).until(() -> {
            System.gc();
            return pool.getHikariPoolMXBean().getActiveConnections() == 0;
        });
        LedgerSnapshot after = ledger.snapshot();
        assertThat(after.borrowed()).isEmpty();
        assertThat(after.leaksReclaimed()).isEqualTo(COUNT);
        assertThat(after.timeouts()).isZero();
        assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofMillis(CONNECTION_TIMEOUT));
    }

    private static void borrowAndForget(DataSource dataSource) throws SQLException {
        Statement statement = dataSource.getConnection().createStatement();
        assertThat(statement.execute("select 1")).isTrue();
    }
}
