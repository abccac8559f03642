package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.pool.postgres.PostgresSessions;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A leak is found once: an Error in the middle of it must not lose the connection. */
@ExtendWith(PostgresExtension.class)
class ErrorTests {

    private final TestPool pool;

    ErrorTests(TestDatabase database) {
        pool = new TestPool(database, 1);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {AbstractMethodError.class, AssertionError.class, OutOfMemoryError.class})
    void aConnectionComesBackWhateverAListenerThrows(Class<? extends Error> error) throws SQLException {
        keepLedger(new PostgresSessions(), new LedgerListener() {
            @Override
            public void leaked(BorrowedConnection connection) {
                fail(error);
            }

            @Override
            public void reclaimed(ConnectionLeak leak) {
                fail(error);
            }
        });
        forget();
        pool.awaitBack();
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
        pool.getConnection().close();
    }

    @ParameterizedTest
    @ValueSource(classes = {AbstractMethodError.class, OutOfMemoryError.class})
    void aConnectionThatCannotBeAskedIsClosed(Class<? extends Error> error) throws SQLException {
        keepLedger(
                new SessionInspector() {
                    @Override
                    public boolean isAsLent(Connection connection) {
                        return fail(error);
                    }
                },
                LedgerListener.NO_OP);
        forget();
        pool.awaitBack();
        assertThat(pool.snapshot().recentLeaks())
                .singleElement()
                .satisfies(leak -> assertThat(leak.outcome()).isEqualTo(Outcome.EVICTED));
        pool.getConnection().close();
    }

    private void keepLedger(SessionInspector inspector, LedgerListener listener) {
        pool.keepLedger(inspector, BorrowContext.DEFAULT, LedgerSettings.DEFAULTS, listener)
                .start();
    }

    private void forget() throws SQLException {
        pool.getConnection();
    }

    private static boolean fail(Class<? extends Error> error) {
        try {
            throw error.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
