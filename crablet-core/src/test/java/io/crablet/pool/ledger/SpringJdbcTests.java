package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.pool.PoolWatch;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.SimpleJdbcInsert;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What Spring does with connections works with those of a ledger, and all come back. */
@ExtendWith(PostgresExtension.class)
class SpringJdbcTests {

    private final TestPool pool;

    private final JdbcTemplate jdbc;

    SpringJdbcTests(TestDatabase database) {
        pool = new TestPool(database, 2, LedgerSettings.DEFAULTS);
        jdbc = new JdbcTemplate(pool);
    }

    @BeforeEach
    void createTable() {
        jdbc.execute("create table if not exists course (id serial primary key, title text unique, tags text[])");
        jdbc.execute("truncate course");
    }

    @AfterEach
    void close() {
        assertThat(pool.isQuiet()).isTrue();
        assertThat(pool.snapshot().leaks()).isZero();
        pool.close();
    }

    @Test
    void aTemplate() {
        assertThat(jdbc.batchUpdate(
                        "insert into course (title) values (?)", List.of(new Object[] {"a"}, new Object[] {"b"})))
                .containsExactly(1, 1);
        assertThat(jdbc.queryForList("select title from course order by title", String.class))
                .containsExactly("a", "b");
        assertThatThrownBy(() -> jdbc.update("insert into course (title) values ('a')"))
                .isInstanceOf(DuplicateKeyException.class);
        try (Stream<String> titles =
                jdbc.queryForStream("select title from course order by title", (row, n) -> row.getString(1))) {
            assertThat(titles).containsExactly("a", "b");
        }
    }

    @Test
    void aClientAndAnInsert() {
        SimpleJdbcInsert insert =
                new SimpleJdbcInsert(pool).withTableName("course").usingGeneratedKeyColumns("id");
        Number id = insert.executeAndReturnKey(Map.of("title", "a"));
        assertThat(JdbcClient.create(pool)
                        .sql("select title from course where id = :id")
                        .param("id", id)
                        .query(String.class)
                        .single())
                .isEqualTo("a");
    }

    @Test
    void transactions() {
        DataSourceTransactionManager manager = new DataSourceTransactionManager(pool);
        TransactionTemplate outer = new TransactionTemplate(manager);
        outer.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        outer.executeWithoutResult(status -> {
            jdbc.update("insert into course (title) values ('outer')");
            inner.executeWithoutResult(own -> jdbc.update("insert into course (title) values ('inner')"));
            assertThatThrownBy(() -> nested.executeWithoutResult(
                            own -> jdbc.update("insert into course (id, title) values (null, 'nested')")))
                    .isInstanceOf(DataIntegrityViolationException.class);
            assertThat(jdbc.queryForObject("show transaction_isolation", String.class))
                    .isEqualTo("serializable");
            status.setRollbackOnly();
        });

        assertThat(jdbc.queryForList("select title from course", String.class)).containsExactly("inner");
        assertThat(jdbc.queryForObject("show transaction_isolation", String.class))
                .isEqualTo("read committed");
    }

    @Test
    void aConnectionIsNamedAsSoonAsItsOperationIsKnown() {
        TransactionTemplate transaction = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(status -> {
            assertThat(pool.onlyBorrowed().operation()).isNull();
            try (PoolWatch.Operation operation = PoolWatch.operation("enrol")) {
                assertThat(operation).isNotNull();
                jdbc.execute("select 1");
            }
            jdbc.execute("select 1");
            assertThat(pool.onlyBorrowed().operation()).isEqualTo("enrol");
        });
    }
}
