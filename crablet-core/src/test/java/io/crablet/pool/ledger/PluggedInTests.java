package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.pool.SecondBorrow;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is plugged into a ledger may fail: no borrower fails for it, and no connection is lost. */
@ExtendWith(PostgresExtension.class)
class PluggedInTests {

    private final TestPool pool;

    PluggedInTests(TestDatabase database) {
        pool = new TestPool(database, 1);
        pool.hikari().setConnectionTimeout(1_500);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aFailingContextInspectorAndListenerHarmNobody() throws SQLException {
        pool.keepLedger(new Failing(), new Failing(), LedgerSettings.DEFAULTS, new Failing())
                .start();
        for (int i = 0; i < 3; i++) {
            try (Connection connection = pool.getConnection()) {
                connection.createStatement().execute("select 1");
                assertThat(pool.onlyBorrowed().operation()).isNull();
                assertThat(pool.onlyBorrowed().backendPid()).isZero();
                assertThatThrownBy(pool::getConnection).isInstanceOf(SQLTransientConnectionException.class);
            }
        }
        forget();
        pool.awaitBack();
        assertThat(pool.snapshot().recentLeaks().get(0).outcome()).isEqualTo(Outcome.EVICTED);

        Connection connection = pool.getConnection();
        assertThat(pool.ledger().reclaim(pool.onlyBorrowed().id(), "a test")).isPresent();
        assertThat(pool.isQuiet()).isTrue();
        connection.close();
    }

    @Test
    void aFailureInTheMiddleOfABorrowReturnsTheConnection() throws SQLException {
        pool.keepLedger(SessionInspector.NONE, new Exhausted(), LedgerSettings.DEFAULTS, LedgerListener.NO_OP);
        assertThatThrownBy(pool::getConnection).isInstanceOf(OutOfMemoryError.class);
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.snapshot().secondBorrows()).isZero();
    }

    private void forget() throws SQLException {
        pool.getConnection();
    }

    private static final class Exhausted implements BorrowContext {

        @Override
        public String traceId() {
            throw new OutOfMemoryError("on purpose");
        }
    }

    private static final class Failing implements BorrowContext, SessionInspector, LedgerListener {

        @Override
        public String operation() {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public String traceId() {
            throw new NoClassDefFoundError("on purpose");
        }

        @Override
        public int backendPid(Connection connection) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void cancel(Connection connection) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public boolean isAsLent(Connection connection) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void returned(@Nullable String operation, long heldNanos) {
            throw new NoClassDefFoundError("on purpose");
        }

        @Override
        public void leaked(BorrowedConnection connection) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void reclaimed(ConnectionLeak leak) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void timedOut(BorrowTimeout timeout) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void borrowedSecond(SecondBorrow sites) {
            throw new IllegalStateException("on purpose");
        }
    }
}
