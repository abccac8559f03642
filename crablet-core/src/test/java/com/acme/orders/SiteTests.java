package com.acme.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.infra.LedgerDataSource;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.ledger.SessionInspector;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** Which line of code has borrowed, as an application sees it: this test is in a package as an application's own. */
@ExtendWith(PostgresExtension.class)
class SiteTests {

    private final HikariDataSource hikari = new HikariDataSource();

    private final ConnectionLedger ledger;

    private final DataSource pool;

    SiteTests(TestDatabase database) {
        hikari.setJdbcUrl(database.jdbcUrl());
        hikari.setUsername(database.username());
        hikari.setPassword(database.password());
        hikari.setMaximumPoolSize(2);
        ledger = new ConnectionLedger(
                new HikariLendingPool("orders", hikari),
                SessionInspector.NONE,
                BorrowContext.DEFAULT,
                new LedgerSettings(
                        Duration.ofSeconds(30), true, true, null, Set.of(), List.of("com.acme.infra"), false));
        pool = new LedgerDataSource(ledger);
    }

    @AfterEach
    void close() {
        hikari.close();
    }

    private StackTraceElement site() {
        List<BorrowedConnection> borrowed = ledger.snapshot().borrowed();
        assertThat(borrowed).hasSize(1);
        return borrowed.get(0).frames().get(0);
    }

    @Test
    void theLineThatBorrowsComesFirst() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            assertThat(connection).isNotNull();
            assertThat(site().getMethodName()).isEqualTo("theLineThatBorrowsComesFirst");
            assertThat(ledger.snapshot().borrowed().get(0).site())
                    .matches(
                            "com\\.acme\\.orders\\.SiteTests\\.theLineThatBorrowsComesFirst\\(SiteTests\\.java:\\d+\\)");
        }
    }

    @Test
    void aLambdaIsALineOfItsOwn() throws SQLException {
        Supplier<Connection> lambda = () -> unchecked(pool);
        try (Connection connection = lambda.get()) {
            assertThat(connection).isNotNull();
            assertThat(ledger.snapshot().borrowed().get(0).frames())
                    .extracting(StackTraceElement::getMethodName)
                    .startsWith("unchecked", "lambda$aLambdaIsALineOfItsOwn$0", "aLambdaIsALineOfItsOwn");
        }
    }

    private static Connection unchecked(DataSource pool) {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Command(DataSource pool) {
        Connection run() {
            return unchecked(pool);
        }
    }

    @Test
    void aRecordIsAnApplicationsClass() throws SQLException {
        try (Connection connection = new Command(pool).run()) {
            assertThat(connection).isNotNull();
            assertThat(ledger.snapshot().borrowed().get(0).frames())
                    .extracting(StackTraceElement::getClassName)
                    .startsWith(SiteTests.class.getName(), Command.class.getName());
        }
    }

    @Test
    void aStreamOfATemplateNamesItsCaller() {
        try (Stream<Integer> rows = new JdbcTemplate(pool).queryForStream("select 1", (row, n) -> row.getInt(1))) {
            assertThat(rows).isNotNull();
            assertThat(site().getMethodName()).isEqualTo("aStreamOfATemplateNamesItsCaller");
        }
    }

    @Test
    void aDeepRecursionIsFound() throws SQLException {
        try (Connection connection = deep(5_000)) {
            assertThat(connection).isNotNull();
            assertThat(site().getMethodName()).isEqualTo("unchecked");
        }
    }

    private Connection deep(int levels) {
        return levels == 0 ? unchecked(pool) : deep(levels - 1);
    }

    @Test
    void aTransactionalMethodNamesItsCaller() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.registerBean(DataSource.class, () -> pool);
            context.register(Transactions.class);
            context.refresh();
            place(context.getBean(Orders.class));
        }
    }

    private void place(Orders orders) {
        orders.place(this::site, site -> {
            assertThat(site.getMethodName()).isEqualTo("place");
            assertThat(site.getClassName()).isEqualTo(SiteTests.class.getName());
        });
    }

    @Configuration
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Transactions {

        @Bean
        DataSourceTransactionManager transactionManager(DataSource pool) {
            return new DataSourceTransactionManager(pool);
        }

        @Bean
        Orders orders() {
            return new Orders();
        }
    }

    static class Orders {

        @Transactional
        public void place(Supplier<StackTraceElement> site, Consumer<StackTraceElement> check) {
            check.accept(site.get());
        }
    }
}
