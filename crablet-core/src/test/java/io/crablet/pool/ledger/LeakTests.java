package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.pool.BorrowGrade;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.transaction.support.DefaultTransactionDefinition;

/** What the program has forgotten comes back. */
@ExtendWith(PostgresExtension.class)
class LeakTests {

    private final List<BorrowedConnection> leaked = Collections.synchronizedList(new ArrayList<>());

    private final TestPool pool;

    LeakTests(TestDatabase database) {
        pool = new TestPool(database, 5, LedgerSettings.DEFAULTS, new LedgerListener() {
            @Override
            public void leaked(BorrowedConnection connection) {
                leaked.add(connection);
            }
        });
    }

    @BeforeEach
    void createTable() {
        new JdbcTemplate(pool).execute("create table if not exists notes (text text)");
        new JdbcTemplate(pool).execute("truncate notes");
    }

    @AfterEach
    void close() {
        pool.close();
    }

    interface Forgetful {
        void run(Connection connection) throws SQLException;
    }

    private void forget(Forgetful program) throws SQLException {
        program.run(pool.getConnection());
    }

    /** Forgets it after the ledger was asked: any collection takes back what is forgotten. */
    private BorrowedConnection known(Forgetful program) throws SQLException {
        Connection connection = pool.getConnection();
        program.run(connection);
        assertThat(pool.active()).isEqualTo(1);
        BorrowedConnection known = pool.onlyBorrowed();
        Reference.reachabilityFence(connection);
        return known;
    }

    private void assertComesBack(Forgetful program) throws SQLException {
        BorrowedConnection known = known(program);

        pool.awaitBack();

        assertThat(pool.snapshot().leaks()).isEqualTo(1);
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
        assertThat(leaked).singleElement().satisfies(one -> {
            assertThat(one.id()).isEqualTo(known.id());
            assertThat(one.grade()).isEqualTo(BorrowGrade.LEAKED);
        });
        ConnectionLeak leak = pool.snapshot().recentLeaks().get(0);
        assertThat(leak.outcome()).isEqualTo(Outcome.RETURNED);
        assertThat(leak.connection().backendPid()).isEqualTo(known.backendPid()).isPositive();
    }

    @Test
    void aConnectionComesBack() throws SQLException {
        assertComesBack(connection -> {});
    }

    @Test
    void aConnectionWithAnOpenStatementComesBack() throws SQLException {
        assertComesBack(connection -> connection.prepareStatement("select 1"));
    }

    @Test
    void aConnectionWithAHalfReadResultComesBack() throws SQLException {
        assertComesBack(connection -> {
            connection.setAutoCommit(false);
            var statement = connection.createStatement();
            statement.setFetchSize(2);
            statement.executeQuery("select generate_series(1, 1000)").next();
        });
    }

    @Test
    void aConnectionWithOpenMetadataComesBack() throws SQLException {
        assertComesBack(connection -> connection.getMetaData().getTables(null, null, "%", null));
    }

    @Test
    void aConnectionWhoseDriverObjectWasLookedAtComesBack() throws SQLException {
        forget(connection -> connection.unwrap(PGConnection.class).getBackendPID());
        pool.awaitBack();
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
    }

    @Test
    void aConnectionLeftBehindByAnExceptionComesBack() throws SQLException {
        assertComesBack(connection -> assertThatThrownBy(
                        () -> connection.createStatement().execute("select 1 / 0"))
                .isInstanceOf(SQLException.class));
    }

    @Test
    void aConnectionInAFailedTransactionComesBack() throws SQLException {
        assertComesBack(connection -> {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> connection.createStatement().execute("select 1 / 0"))
                    .isInstanceOf(SQLException.class);
        });
    }

    @Test
    void anOpenTransactionIsRolledBack() throws SQLException {
        assertComesBack(connection -> {
            connection.setAutoCommit(false);
            connection.createStatement().execute("insert into notes values ('forgotten')");
        });
        assertThat(notes()).isEmpty();
    }

    @Test
    void theTransactionOfADeadThreadIsRolledBack() throws Exception {
        Thread thread = new Thread(() -> {
            new DataSourceTransactionManager(pool).getTransaction(new DefaultTransactionDefinition());
            new JdbcTemplate(pool).execute("insert into notes values ('forgotten')");
        });
        thread.start();
        thread.join();
        assertThat(pool.onlyBorrowed().threadAlive()).isFalse();

        pool.awaitBack();

        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
        assertThat(notes()).isEmpty();
    }

    @Test
    void manyInARowDelayNobodyUntilTheTimeout() throws SQLException {
        for (int i = 0; i < 60; i++) {
            forget(connection -> connection.createStatement().executeQuery("select generate_series(1, 10)"));
        }
        pool.awaitBack();
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(60);
        assertThat(pool.snapshot().timeouts()).isZero();
    }

    @Test
    void nobodyElseSeesWhatWasNotCommitted() throws SQLException {
        pool.hikari().setMaximumPoolSize(1);
        for (int i = 0; i < 5; i++) {
            forget(connection -> {
                connection.setAutoCommit(false);
                connection.createStatement().execute("insert into notes values ('forgotten')");
            });
            try (Connection next = pool.getConnection();
                    ResultSet rows = next.createStatement().executeQuery("select text from notes")) {
                assertThat(next.getAutoCommit()).isTrue();
                assertThat(rows.next()).isFalse();
            }
        }
    }

    @Test
    void whatSaysItselfThatItIsForgottenIsCountedOnce() throws SQLException {
        forget(connection -> {
            assertThat(pool.ledger().forgotten(connection)).isTrue();
            assertThat(pool.onlyBorrowed().grade()).isEqualTo(BorrowGrade.LEAKED);
            connection.close();
            assertThat(pool.ledger().forgotten(connection)).isFalse();
        });
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.snapshot().leaks()).isEqualTo(1);
        assertThat(pool.snapshot().leaksReclaimed()).isEqualTo(1);
    }

    @Test
    void whatSaysSoIsFoundThroughAWrapper() throws SQLException {
        DataSource lazy = new LazyConnectionDataSourceProxy(pool);
        try (Connection connection = lazy.getConnection()) {
            connection.createStatement().execute("select 1");
            assertThat(pool.ledger().forgotten(connection)).isTrue();
        }
        assertThat(pool.snapshot().recentLeaks())
                .singleElement()
                .satisfies(leak -> assertThat(leak.outcome()).isEqualTo(Outcome.RETURNED));
        try (Connection foreign = pool.hikari().getConnection()) {
            assertThat(pool.ledger().forgotten(foreign)).isFalse();
        }
    }

    @Test
    void whatSaysSoWhileItIsCancelledIsClosed() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.unwrap(Borrowed.class).borrow().loan().spoil();
            assertThat(pool.ledger().forgotten(connection)).isTrue();
        }
        assertThat(pool.snapshot().recentLeaks())
                .singleElement()
                .satisfies(leak -> assertThat(leak.outcome()).isEqualTo(Outcome.EVICTED));
    }

    @Test
    void whatAnOperatorTakesDoesNotDisplaceTheLeaks() throws SQLException {
        assertComesBack(connection -> connection.createStatement());
        for (int i = 0; i < 60; i++) {
            try (Connection taken = pool.getConnection()) {
                assertThat(taken.isClosed()).isFalse();
                assertThat(pool.ledger().reclaim(pool.onlyBorrowed().id(), "an operator wants it"))
                        .isPresent();
            }
        }
        assertThat(pool.snapshot().recentLeaks())
                .hasSize(51)
                .filteredOn(leak -> leak.connection().grade() == BorrowGrade.LEAKED)
                .hasSize(1);
    }

    private List<String> notes() {
        return new JdbcTemplate(pool).queryForList("select text from notes", String.class);
    }
}
