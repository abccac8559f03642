package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Race;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.StreamMode;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** How the schema comes into a database, and what it refuses. */
@ExtendWith(PostgresExtension.class)
class PostgresSchemaTests {

    private static final Event EVENT = Event.of("A", "{}", Tag.of("k", "v"));

    private final TestDatabase database;

    PostgresSchemaTests(TestDatabase database) {
        this.database = database;
    }

    private PostgresSchema schema(String name) {
        return new PostgresSchema(database.dataSource(), name);
    }

    private PostgresEventStore store(String schema) {
        return PostgresEventStore.builder(database.dataSource()).schema(schema).build();
    }

    private void assertWorks(String schema) {
        schema(schema).validate();
        PostgresEventStore store = store(schema);
        long head = store.head();
        assertThat(store.append(List.of(EVENT))).isEqualTo(new AppendResult(head + 1, head + 1));
        assertThat(store.read(Query.ofTags(Tag.of("k", "v"))).events()).hasSize((int) head + 1);
        for (StreamMode mode : StreamMode.values()) {
            try (Stream<?> stream = store(schema).stream(Query.all(), ReadOptions.defaults(), mode)) {
                assertThat(stream).isNotEmpty();
            }
        }
    }

    @Test
    void aRoleThatMayOnlyCreateInTheSchemaCreatesTheStore() throws SQLException {
        execute(
                "create role schema_tenant login password 'schema_tenant'",
                "create schema of_tenant",
                "grant all on schema of_tenant to schema_tenant");

        new PostgresSchema(dataSourceOf("schema_tenant"), "of_tenant").initialize();

        assertThat(PostgresEventStore.builder(dataSourceOf("schema_tenant"))
                        .schema("of_tenant")
                        .build()
                        .head())
                .isZero();
    }

    @Test
    void aRoleThatMayNotCreateIsToldWhatIsMissing() throws SQLException {
        execute(
                "create role schema_guest login password 'schema_guest'",
                "create schema of_host",
                "grant usage on schema of_host to schema_guest");

        for (String schema : List.of("of_host", "of_nobody")) {
            assertThatExceptionOfType(SchemaMismatchException.class)
                    .isThrownBy(() -> new PostgresSchema(dataSourceOf("schema_guest"), schema).initialize())
                    .withMessage(
                            "there is no event store in schema '%s'; version 1 is needed, and this role may not create it",
                            schema)
                    .satisfies(e -> assertThat(e.found()).isNull())
                    .havingCause()
                    .isInstanceOf(SQLException.class)
                    .withMessageContaining("permission denied");
        }
    }

    private DataSource dataSourceOf(String role) {
        return new DriverManagerDataSource(database.jdbcUrl(), role, role);
    }

    private void execute(String... sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }

    @Test
    void aSecondInitializationChangesNothing() {
        schema("twice").initialize();
        assertWorks("twice");
        schema("twice").initialize();
        assertThat(store("twice").head()).isEqualTo(1);
        assertWorks("twice");
    }

    @Test
    void tenInstancesInitializeAnEmptyDatabaseAtOnce() {
        try (TestDatabase empty = database.server().createDatabase()) {
            Callable<Boolean> initialize = () -> {
                new PostgresSchema(empty.dataSource(), "at_once").initialize();
                return true;
            };
            assertThat(Race.run(Collections.nCopies(10, initialize)))
                    .hasSize(10)
                    .containsOnly(true);
            PostgresEventStore store = PostgresEventStore.builder(empty.dataSource())
                    .schema("at_once")
                    .build();
            assertThat(store.append(List.of(EVENT))).isEqualTo(new AppendResult(1, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "public",
                "my_log",
                "My Log",
                "o\"clock",
                "it's",
                "sélect",
                "select",
                "pg.dot",
                "100% mine",
                "why?"
            })
    void anyNameOfASchemaWillDo(String name) {
        schema(name).initialize();
        assertWorks(name);
    }

    @Test
    void logsInTwoSchemasHaveNothingInCommon() {
        schema("one").initialize();
        schema("two").initialize();
        store("one").append(List.of(EVENT, EVENT));
        assertThat(store("two").head()).isZero();
        assertThat(store("two").append(List.of(EVENT))).isEqualTo(new AppendResult(1, 1));
        assertThat(store("one").head()).isEqualTo(2);
    }

    @Test
    void aMissingSchemaIsSaid() {
        assertThatExceptionOfType(SchemaMismatchException.class)
                .isThrownBy(() -> schema("missing").validate())
                .withMessageContaining("missing")
                .satisfies(mismatch -> {
                    assertThat(mismatch.schema()).isEqualTo("missing");
                    assertThat(mismatch.found()).isNull();
                    assertThat(mismatch.required()).isEqualTo(PostgresSchema.VERSION);
                });
        assertThatThrownBy(() -> store("missing").head()).hasMessageContaining("crablet-schema.sql");
    }

    @Test
    void aSchemaWithoutAnEventStoreIsSaid() {
        TestLog.execute(database, "create schema without_store");
        assertThatExceptionOfType(SchemaMismatchException.class)
                .isThrownBy(() -> schema("without_store").validate());
    }

    @Test
    void anotherVersionIsSaidAndLeftAlone() {
        schema("newer").initialize();
        TestLog.execute(
                database,
                "create or replace function newer.crablet_schema_version() returns integer"
                        + " language sql immutable as 'select 99'");
        for (Runnable call : List.<Runnable>of(schema("newer")::validate, schema("newer")::initialize)) {
            assertThatExceptionOfType(SchemaMismatchException.class)
                    .isThrownBy(call::run)
                    .withMessageContaining("99")
                    .satisfies(mismatch -> assertThat(mismatch.found()).isEqualTo(99));
        }
    }

    @Test
    void theScriptRunsByHand() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema by_hand");
            statement.execute("set search_path = by_hand, public");
            statement.execute(TestLog.script("crablet-schema.sql"));
            statement.execute(TestLog.script("crablet-schema.sql"));
            try (var path = statement.executeQuery("show search_path")) {
                path.next();
                assertThat(path.getString(1)).isEqualTo("by_hand, public");
            }
        }
        assertWorks("by_hand");
    }

    @Test
    void theScriptDoesNotGuessASchema() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = no_such_schema");
            assertThatThrownBy(() -> statement.execute(TestLog.script("crablet-schema.sql")))
                    .hasMessageContaining("no_such_schema");
        }
    }

    @Test
    void theGrantsNeedTheNameOfARole() throws SQLException {
        schema("granted").initialize();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = granted");
            assertThatThrownBy(() -> statement.execute(TestLog.script("crablet-grants.sql")))
                    .hasMessageContaining("crablet.application_role");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update crablet_events set type = 'B'",
                "update crablet_events set type = 'B' where false",
                "delete from crablet_events",
                "truncate crablet_events",
                "truncate crablet_events cascade",
                "update crablet_event_tags set tag = 'k:w'",
                "delete from crablet_event_tags where tag = 'k:v'",
                "truncate crablet_event_tags"
            })
    void evenTheOwnerCannot(String sql) throws SQLException {
        schema("owned").initialize();
        store("owned").append(List.of(EVENT));
        List<?> before = store("owned").read(Query.ofTags(Tag.of("k", "v"))).events();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setSchema("owned");
            assertThatThrownBy(() -> statement.execute(sql)).hasMessageContaining("only ever appended to");
        }
        assertThat(store("owned").read(Query.ofTags(Tag.of("k", "v"))).events()).isEqualTo(before);
    }
}
