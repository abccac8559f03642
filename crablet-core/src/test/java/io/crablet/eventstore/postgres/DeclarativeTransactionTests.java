package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/** The store in methods that are {@link Transactional}, as an application has them. */
@ExtendWith(PostgresExtension.class)
class DeclarativeTransactionTests {

    private final TestLog log;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Courses courses;

    DeclarativeTransactionTests(TestDatabase database) {
        log = new TestLog(database);
        log.execute("create table notes (note text)", "grant all on notes to " + log.role());
        context.getBeanFactory().registerSingleton("log", log);
        context.register(Application.class);
        context.refresh();
        courses = context.getBean(Courses.class);
    }

    @AfterEach
    void close() {
        log.backends().assertNothingHeld();
        context.close();
        log.close();
    }

    private void assertWritten(long events, long notes) {
        assertThat(log.store().head()).isEqualTo(events);
        assertThat(log.queryForLong("select count(*) from notes")).isEqualTo(notes);
    }

    @Test
    void eventsCommitWithTheCallersRows() {
        courses.define(false);
        assertWritten(1, 1);
    }

    @Test
    void eventsRollBackWithTheCallersRows() {
        assertThatIllegalStateException().isThrownBy(() -> courses.define(true));
        assertWritten(0, 0);
    }

    @Test
    void aReadOnlyMethodCannotAppend() {
        assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
                .isThrownBy(courses::defineReadOnly)
                .withMessageContaining("read-only");
        assertWritten(0, 0);
    }

    @Test
    void aSerializableMethodIsToldToRetry() {
        assertThatExceptionOfType(ConcurrencyFailureException.class)
                .isThrownBy(() -> courses.defineSerializable(() -> Background.start(
                                () -> log.store().append(List.of(Event.of("Other", "{}"))))
                        .result()))
                .withMessageContaining("retry the transaction");
        assertWritten(1, 0);
    }

    /** What an application has of its own. */
    static class Courses {

        private final EventStore store;
        private final JdbcTemplate jdbc;
        private final String schema;

        Courses(EventStore store, JdbcTemplate jdbc, String schema) {
            this.store = store;
            this.jdbc = jdbc;
            this.schema = schema;
        }

        @Transactional
        public void define(boolean fail) {
            jdbc.update("insert into " + schema + ".notes values ('defined')");
            store.append(List.of(Event.of("Defined", "{}")));
            assertThat(store.head()).isEqualTo(1);
            if (fail) {
                throw new IllegalStateException("the application's own");
            }
        }

        @Transactional(readOnly = true)
        public void defineReadOnly() {
            assertThat(store.head()).isZero();
            store.append(List.of(Event.of("Defined", "{}")));
        }

        @Transactional(isolation = Isolation.SERIALIZABLE)
        public void defineSerializable(Runnable meanwhile) {
            jdbc.update("insert into " + schema + ".notes values ('defined')");
            assertThat(store.head()).isZero();
            meanwhile.run();
            store.append(List.of(Event.of("Defined", "{}")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Application {

        @Bean(destroyMethod = "")
        DataSource dataSource(TestLog log) {
            return log.pool();
        }

        @Bean
        JdbcTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        EventStore eventStore(TestLog log) {
            return log.store();
        }

        @Bean
        Courses courses(EventStore store, DataSource dataSource, TestLog log) {
            return new Courses(store, new JdbcTemplate(dataSource), log.schema());
        }
    }
}
