package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** What the role of an application, and one that is a stranger to the log, can do to it past the store. */
@ExtendWith(PostgresExtension.class)
class LeastPrivilegeTests {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final TestDatabase database;
    private final TestLog log;

    LeastPrivilegeTests(TestDatabase database) {
        this.database = database;
        this.log = new TestLog(database);
        log.store().append(List.of(Event.of("A", "{}", Tag.of("k", "v"))));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private String refusal(String role, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), role, TestLog.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = " + log.schema());
            SQLException refusal = catchThrowableOfType(SQLException.class, () -> statement.execute(sql));
            assertThat((Throwable) refusal).as(sql).isNotNull();
            return refusal.getSQLState();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into crablet_events values (2, 'B', '{}', '{}', '{}', now())",
                "update crablet_events set type = 'B'",
                "delete from crablet_events",
                "truncate crablet_events",
                "do $$ begin lock table crablet_events in exclusive mode; end $$",
                "alter table crablet_events disable trigger all",
                "drop table crablet_events",
                "insert into crablet_event_tags values ('k:w', 1)",
                "update crablet_event_tags set tag = 'k:w'",
                "delete from crablet_event_tags",
                "truncate crablet_event_tags",
                "alter table crablet_event_tags disable trigger all",
                "drop table crablet_event_tags",
                "create table other (id int)"
            })
    void theApplicationCannot(String sql) throws SQLException {
        assertThat(refusal(log.role(), sql)).isEqualTo(INSUFFICIENT_PRIVILEGE);
        assertThat(log.queryForLong("select count(*) from crablet_events where type = 'A'"))
                .isEqualTo(1);
        assertThat(log.queryForLong("select count(*) from crablet_event_tags where tag = 'k:v'"))
                .isEqualTo(1);
    }

    @Test
    void aStrangerCannotReadNorAppend() throws SQLException {
        String stranger = TestLog.createRole(database, "stranger");
        log.execute("grant usage on schema " + log.schema() + " to " + stranger);
        assertThat(refusal(stranger, "select * from crablet_events")).isEqualTo(INSUFFICIENT_PRIVILEGE);
        assertThat(refusal(stranger, "select * from crablet_event_tags")).isEqualTo(INSUFFICIENT_PRIVILEGE);
        assertThat(refusal(
                        stranger,
                        "select * from crablet_append(1000, '{1}', '{B}', array['{}'], array['{}'], array['{}'],"
                                + " '{null}', '{0}', '{}', '{}')"))
                .isEqualTo(INSUFFICIENT_PRIVILEGE);
    }

    @Test
    void temporaryTablesDoNotTakeThePlaceOfTheLog() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), log.role(), TestLog.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = " + log.schema());
            statement.execute("create temp table crablet_events (like crablet_events)");
            statement.execute("create temp table crablet_event_tags (like crablet_event_tags)");
            PostgresEventStore store = PostgresEventStore.builder(new SingleConnectionDataSource(connection, true))
                    .schema(log.schema())
                    .build();
            assertThat(store.append(List.of(Event.of("B", "{}")))).isEqualTo(new AppendResult(2, 2));
            assertThat(store.read(Query.all()).events()).hasSize(2);
        }
        assertThat(log.store().head()).isEqualTo(2);
    }

    /** As on servers that were upgraded from PostgreSQL 14, where everybody may create in the schema public. */
    @Test
    void functionsOfOthersInTheSameSchemaAreNotRunWithTheOwnersRights() throws SQLException {
        log.execute("grant create on schema " + log.schema() + " to " + log.role());
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), log.role(), TestLog.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = " + log.schema());
            for (String exact : List.of("cardinality(integer[])", "cardinality(text[])")) {
                statement.execute("create function " + exact + " returns integer language plpgsql"
                        + " as $$ begin raise exception 'run as %', current_user; end $$");
            }
        }
        assertThat(log.store()
                        .append(List.of(Event.of("B", "{}")), AppendCondition.failIfEventsMatch(Query.ofTypes("C"))))
                .isEqualTo(new AppendResult(2, 2));
    }
}
