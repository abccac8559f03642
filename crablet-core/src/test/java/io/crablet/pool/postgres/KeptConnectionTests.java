package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

@ExtendWith(PostgresExtension.class)
class KeptConnectionTests {

    private final TestDatabase database;

    private final KeptConnection kept;

    private final AtomicInteger runs = new AtomicInteger();

    KeptConnectionTests(TestDatabase database) {
        this.database = database;
        this.kept = new KeptConnection(
                "orders",
                new DatabaseAddress(database.jdbcUrl(), database.username(), database.password(), new Properties()),
                new ProbeSettings(
                        Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(30), Duration.ofSeconds(30)));
    }

    @AfterEach
    void close() {
        kept.close(false);
    }

    @Test
    void whatFailsIsNotDoneTwiceAndTheConnectionIsKept() throws SQLException {
        int pid = kept.useOnce(KeptConnectionTests::pid);

        assertThatThrownBy(() -> kept.useOnce(open -> execute(open, "select 1 / 0")))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));
        assertThat(runs).hasValue(1);
        assertThat(kept.useOnce(KeptConnectionTests::pid)).isEqualTo(pid);
    }

    @ParameterizedTest
    @ValueSource(strings = {"57P01", "57014", "08006"})
    void afterAFailureOfTheConnectionAnotherIsOpened(String state) throws SQLException {
        int pid = kept.useOnce(KeptConnectionTests::pid);

        assertThatThrownBy(() -> kept.useOnce(open -> {
                    runs.incrementAndGet();
                    throw new SQLException("failed", state);
                }))
                .isInstanceOf(SQLException.class);
        assertThat(runs).hasValue(1);
        assertThat(kept.useOnce(KeptConnectionTests::pid)).isNotEqualTo(pid);
    }

    @Test
    void aConnectionThatHasEndedMeanwhileIsReplacedBefore() throws SQLException {
        int pid = kept.useOnce(KeptConnectionTests::pid);
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("select pg_terminate_backend(%d, 5000)".formatted(pid));
        }

        kept.useOnce(open -> execute(open, "select 1"));
        assertThat(runs).hasValue(1);
    }

    private static int pid(SideConnection open) throws SQLException {
        return open.signals().connection().unwrap(PGConnection.class).getBackendPID();
    }

    private boolean execute(SideConnection open, String sql) throws SQLException {
        runs.incrementAndGet();
        try (Statement statement = open.signals().connection().createStatement()) {
            return statement.execute(sql);
        }
    }
}
