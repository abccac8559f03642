package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class LeakTests {

    private final TestPool pool;

    LeakTests(TestDatabase database) {
        pool = new TestPool(database, 5, LedgerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aForgottenConnectionComesBack() throws SQLException {
        forget(pool);

        assertThat(pool.borrowed()).hasSize(1);
        await().until(() -> {
            System.gc();
            return pool.borrowed().isEmpty() && pool.active() == 0;
        });
        assertThat(pool.ledger().snapshot().leaksReclaimed()).isEqualTo(1);
    }

    @Test
    void manyForgottenConnectionsDelayNobodyUntilTheTimeout() throws SQLException {
        for (int i = 0; i < 300; i++) {
            forget(pool);
        }
        await().until(() -> {
            System.gc();
            return pool.active() == 0;
        });
        assertThat(pool.ledger().snapshot().leaksReclaimed()).isEqualTo(300);
    }

    @Test
    void whatOnlyAResultSetLeadsToIsNotTouched() throws SQLException {
        ResultSet kept = keepResultSet(pool);
        for (int i = 0; i < 20; i++) {
            System.gc();
            assertThat(kept.next()).isTrue();
        }
        assertThat(pool.borrowed()).hasSize(1);
        kept.getStatement().getConnection().close();
        assertThat(pool.borrowed()).isEmpty();
    }

    private static void forget(TestPool pool) throws SQLException {
        Connection connection = pool.getConnection();
        connection.createStatement().executeQuery("select generate_series(1, 10)");
    }

    private static ResultSet keepResultSet(TestPool pool) throws SQLException {
        @Nullable Statement statement = pool.getConnection().createStatement();
        return statement.executeQuery("select generate_series(1, 1000)");
    }
}
