package io.crablet.pool.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolPhase;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class HikariPoolGaugeTests {

    private final HikariDataSource pool = new HikariDataSource();

    private final HikariPoolGauge gauge = new HikariPoolGauge("orders", pool);

    HikariPoolGaugeTests(TestDatabase database) {
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setUsername(database.username());
        pool.setPassword(database.password());
        pool.setMaximumPoolSize(2);
        pool.setMinimumIdle(2);
        pool.setAllowPoolSuspension(true);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void readingDoesNotStartThePool() {
        assertThat(gauge.phase()).isEqualTo(PoolPhase.NOT_STARTED);
        assertThat(gauge.counts()).isEqualTo(new PoolCounts(0, 0, 0, 0, 2));
        assertThat(pool.getHikariPoolMXBean()).isNull();
    }

    @Test
    void itCountsConnectionsAndCallers() throws SQLException {
        try (Connection first = pool.getConnection()) {
            assertThat(first.isValid(10)).isTrue();
            await().until(() -> gauge.counts().equals(new PoolCounts(2, 1, 1, 0, 2)));
            CompletableFuture<Void> waiting;
            try (Connection second = pool.getConnection()) {
                assertThat(second.isValid(10)).isTrue();
                waiting = CompletableFuture.runAsync(this::borrowAndReturn);
                await().until(() -> gauge.counts().equals(new PoolCounts(2, 0, 2, 1, 2)));
            }
            waiting.join();
        }
        assertThat(gauge.phase()).isEqualTo(PoolPhase.RUNNING);
        assertThat(gauge.counts()).isEqualTo(new PoolCounts(2, 2, 0, 0, 2));
    }

    @Test
    void itTellsASuspendedPoolFromAClosedOne() {
        borrowAndReturn();
        pool.getHikariPoolMXBean().suspendPool();
        assertThat(gauge.phase()).isEqualTo(PoolPhase.SUSPENDED);

        pool.getHikariPoolMXBean().resumePool();
        assertThat(gauge.phase()).isEqualTo(PoolPhase.RUNNING);

        pool.close();
        assertThat(gauge.phase()).isEqualTo(PoolPhase.CLOSED);
    }

    private void borrowAndReturn() {
        try (Connection connection = pool.getConnection()) {
            assertThat(connection.isValid(10)).isTrue();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
