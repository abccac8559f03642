package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.PoolWatch;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PostgresExtension.class)
class TimeoutTests {

    private final TestPool pool;

    TimeoutTests(TestDatabase database) {
        pool = new TestPool(
                database,
                3,
                new LedgerSettings(
                        Duration.ofSeconds(30),
                        true,
                        false,
                        null,
                        Set.of(),
                        List.of("org.junit", "Run", "org.apache.maven"),
                        false));
        pool.hikari().setConnectionTimeout(1_500);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void theExceptionSaysWhoHoldsTheConnections() throws SQLException {
        try (PoolWatch.Operation operation = PoolWatch.operation("import orders");
                Connection first = pool.getConnection();
                Connection second = pool.getConnection();
                Connection third = pool.getConnection()) {
            assertThat(List.of(operation, first, second, third)).doesNotContainNull();
            SQLTransientConnectionException failure =
                    catchThrowableOfType(SQLTransientConnectionException.class, pool::getConnection);
            assertThat(failure.getCause()).isInstanceOf(SQLTransientConnectionException.class);
            assertThat(failure.getMessage())
                    .startsWith(failure.getCause().getMessage())
                    .contains("total=3, active=3, idle=0")
                    .containsPattern("Held by: 3 x .*\\(oldest \\d\\.\\d s; import orders\\)\\.");
            assertThat(failure.getSQLState()).isEqualTo(((SQLException) failure.getCause()).getSQLState());
        }
        BorrowTimeout known = pool.snapshot().recentTimeouts().get(0);
        assertThat(known.thread()).isEqualTo(Thread.currentThread().getName());
        assertThat(known.operation()).isEqualTo("import orders");
        assertThat(known.waited()).isBetween(Duration.ofMillis(400), Duration.ofSeconds(5));
        assertThat(known.holders()).singleElement().satisfies(holder -> {
            assertThat(holder.count()).isEqualTo(3);
            assertThat(holder.operations()).containsExactly("import orders");
        });
    }

    @Test
    void manyAtOnceAreTold() throws Exception {
        List<SQLException> failures = new CopyOnWriteArrayList<>();
        try (Connection first = pool.getConnection();
                Connection second = pool.getConnection();
                Connection third = pool.getConnection()) {
            assertThat(List.of(first, second, third)).doesNotContainNull();
            List<Thread> callers = IntStream.range(0, 200)
                    .mapToObj(i -> new Thread(
                            () -> failures.add(catchThrowableOfType(SQLException.class, pool::getConnection))))
                    .toList();
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
        }
        assertThat(failures)
                .hasSize(200)
                .allSatisfy(failure -> assertThat(failure.getMessage()).contains("Held by: 3 x "));
        assertThat(pool.snapshot().timeouts()).isEqualTo(200);
        assertThat(pool.snapshot().recentTimeouts()).hasSize(50);
    }
}
