package io.crablet.autoconfigure.eventstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import io.crablet.eventstore.postgres.SchemaMismatchException;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.DataSourceInitializer;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(PostgresExtension.class)
class EventStoreAutoConfigurationTests {

    private static final List<Event> ONE_EVENT = List.of(Event.of("Happened", "{}"));

    private final TestDatabase database;
    private final ApplicationContextRunner contextRunner;

    EventStoreAutoConfigurationTests(TestDatabase database) {
        this.database = database;
        this.contextRunner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        EventStoreAutoConfiguration.class))
                .withPropertyValues(
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=2");
    }

    @Test
    void anApplicationWithADataSourceHasAnEventStoreThatWorks() {
        contextRunner.withPropertyValues("crablet.event-store.schema=works").run(context -> {
            EventStore store = context.getBean(EventStore.class);
            assertThat(store.append(ONE_EVENT).head()).isEqualTo(1);
            assertThat(store.read(Query.all()).events()).hasSize(1);
        });
    }

    @Test
    void theStoreTakesPartInTheApplicationsTransactions() {
        contextRunner
                .withPropertyValues("crablet.event-store.schema=takes_part")
                .run(context -> {
                    EventStore store = context.getBean(EventStore.class);
                    TransactionTemplate transaction =
                            new TransactionTemplate(context.getBean(PlatformTransactionManager.class));

                    ReadResult inside = transaction.execute(status -> {
                        store.append(ONE_EVENT);
                        status.setRollbackOnly();
                        return store.read(Query.all());
                    });

                    assertThat(inside).isNotNull();
                    assertThat(inside.events()).hasSize(1);
                    assertThat(store.head()).isZero();
                });
    }

    @Test
    void withoutASchemaAnApplicationThatMayNotCreateItDoesNotStartAndSaysWhatToRun() {
        contextRunner
                .withUserConfiguration(UserOfTheStore.class)
                .withPropertyValues(
                        "crablet.event-store.schema=not_there", "crablet.event-store.initialize-schema=never")
                .run(context -> {
                    assertThat(context)
                            .hasFailed()
                            .getFailure()
                            .rootCause()
                            .isInstanceOf(SchemaMismatchException.class);
                    FailureAnalysis analysis = new SchemaMismatchFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis).isNotNull();
                    assertThat(analysis.getDescription()).contains("not_there").contains("version 1");
                    assertThat(analysis.getAction())
                            .contains(PostgresSchema.SCRIPT)
                            .contains("search_path set to \"not_there\"");
                });
    }

    @Test
    void aSchemaThatIsThereIsEnoughForAnApplicationThatMayNotCreateIt() {
        new PostgresSchema(database.dataSource(), "by_hand").initialize();

        contextRunner
                .withPropertyValues("crablet.event-store.schema=by_hand", "crablet.event-store.initialize-schema=never")
                .run(context ->
                        assertThat(context.getBean(EventStore.class).head()).isZero());
    }

    @Test
    void aSchemaOfALaterVersionIsToldApartFromOneThatIsMissing() {
        new PostgresSchema(database.dataSource(), "later").initialize();
        setVersion("later", 99);

        contextRunner
                .withUserConfiguration(UserOfTheStore.class)
                .withPropertyValues("crablet.event-store.schema=later")
                .run(context -> {
                    FailureAnalysis analysis = new SchemaMismatchFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(analysis).isNotNull();
                    assertThat(analysis.getDescription()).contains("99");
                    assertThat(analysis.getAction()).contains("or a later one");
                });
    }

    @Test
    void migrationsRunBeforeTheSchemaIsChecked() {
        contextRunner
                .withUserConfiguration(Migration.class)
                .withPropertyValues(
                        "crablet.event-store.schema=migrated", "crablet.event-store.initialize-schema=never")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(EventStore.class));
    }

    @Test
    void thePropertiesReachTheStore() {
        contextRunner
                .withPropertyValues(
                        "crablet.event-store.schema=limited",
                        "crablet.event-store.max-event-size=10B",
                        "crablet.event-store.append.max-batch-events=1")
                .run(context -> {
                    EventStore store = context.getBean(EventStore.class);
                    assertThat(thrownBy(() -> store.append(List.of(Event.of("A", "\"0123456789\"")))))
                            .hasMessageContaining("the limit is 10");
                    assertThat(thrownBy(() -> store.append(List.of(Event.of("A", "1"), Event.of("A", "2")))))
                            .hasMessageContaining("the limit is 1");
                });
    }

    @Test
    void aSizeThatNoEventCanHaveStopsTheStart() {
        contextRunner
                .withPropertyValues("crablet.event-store.max-event-size=3GB")
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("crablet.event-store.max-event-size is 3221225472B"));
    }

    @Test
    void anApplicationThatDoesNotUseTheStoreHasNothingOfItInItsDatabase() {
        contextRunner
                .withPropertyValues("crablet.event-store.schema=not_wanted")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(DataSource.class));

        assertThat(new JdbcTemplate(database.dataSource())
                        .queryForObject("select to_regnamespace('not_wanted')", String.class))
                .isNull();
    }

    @Test
    void anotherDatabaseIsToldApartFromOneWithoutTheSchema() {
        new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(DataSourceAutoConfiguration.class, EventStoreAutoConfiguration.class))
                .withUserConfiguration(UserOfTheStore.class)
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:other")
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("needs PostgreSQL, but the data source is of H2")
                        .hasMessageContaining("crablet.event-store.enabled=false"));
    }

    @Test
    void listenersOfTheApplicationAreTold() {
        contextRunner
                .withUserConfiguration(Listener.class)
                .withPropertyValues("crablet.event-store.schema=listened")
                .run(context -> {
                    context.getBean(EventStore.class).read(Query.all());
                    assertThat(context.getBean(Listener.class).heard).containsExactly("started", "finished");
                });
    }

    @Test
    void anEventStoreOfTheApplicationIsLeftAlone() {
        contextRunner
                .withUserConfiguration(OwnStore.class)
                .run(context ->
                        assertThat(context).hasSingleBean(EventStore.class).hasBean("ownStore"));
    }

    @Test
    void thereIsNoEventStoreWhereItIsNotWantedOrNotPossible() {
        contextRunner
                .withPropertyValues("crablet.event-store.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EventStore.class));
        contextRunner
                .withClassLoader(new FilteredClassLoader(EventStore.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("eventStore"));
        contextRunner
                .withClassLoader(new FilteredClassLoader(PGConnection.class))
                .withPropertyValues("spring.datasource.driver-class-name=org.postgresql.Driver")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EventStore.class));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(EventStoreAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(EventStore.class));
    }

    private void setVersion(String schema, int version) {
        new JdbcTemplate(database.dataSource())
                .execute(
                        "create or replace function %s.crablet_schema_version() returns integer language sql immutable as 'select %d'"
                                .formatted(schema, version));
    }

    private static Throwable thrownBy(Runnable action) {
        return catchThrowable(action::run);
    }

    @Configuration(proxyBeanMethods = false)
    static class Migration {

        @Bean
        DataSourceInitializer migration(DataSource dataSource) {
            DataSourceInitializer initializer = new DataSourceInitializer();
            initializer.setDataSource(dataSource);
            initializer.setDatabasePopulator(connection -> new PostgresSchema(dataSource, "migrated").initialize());
            return initializer;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Listener {

        final List<String> heard = new ArrayList<>();

        @Bean
        EventStoreListener listener() {
            return new EventStoreListener() {
                @Override
                public void readStarted(Query query) {
                    heard.add("started");
                }

                @Override
                public void readFinished(Query query) {
                    heard.add("finished");
                }
            };
        }
    }

    /** As the services of an application are. */
    @Configuration(proxyBeanMethods = false)
    static class UserOfTheStore {

        UserOfTheStore(EventStore store) {
            assertThat(store).isNotNull();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnStore {

        @Bean
        EventStore ownStore(DataSource dataSource) {
            return PostgresEventStore.builder(dataSource).schema("own").build();
        }
    }
}
