package io.crablet.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineTestKit;

class PostgresExtensionTests {

    private static final List<TestDatabase> SEEN = new ArrayList<>();

    @BeforeEach
    void forgetWhatWasSeen() {
        SEEN.clear();
    }

    @Test
    void everyKindOfMethodOfAClassAndItsNestedClassesGetsTheSameDatabase() {
        run(EverywhereCase.class);

        assertThat(SEEN).hasSize(7);
        assertThat(SEEN.stream().distinct()).hasSize(1);
    }

    @Test
    void anotherClassGetsAnotherDatabase() {
        run(EverywhereCase.class, OtherCase.class);

        assertThat(SEEN.stream().distinct()).hasSize(2);
    }

    @Test
    void theDatabaseIsDroppedAfterTheClass() throws SQLException {
        run(OtherCase.class);

        assertThat(SEEN).hasSize(1);
        assertThat(exists(SEEN.get(0))).isFalse();
    }

    private static void run(Class<?>... testClasses) {
        var kit = EngineTestKit.engine("junit-jupiter");
        for (Class<?> testClass : testClasses) {
            kit.selectors(selectClass(testClass));
        }
        kit.execute().testEvents().assertStatistics(statistics -> statistics.failed(0));
    }

    private static boolean exists(TestDatabase database) throws SQLException {
        try (Connection connection = database.server().dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select exists (select from pg_database where datname = '" + database.name() + "')")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @ExtendWith(PostgresExtension.class)
    static class EverywhereCase {

        EverywhereCase(TestDatabase database) {
            SEEN.add(database);
        }

        @BeforeAll
        static void beforeAll(TestDatabase database) {
            SEEN.add(database);
        }

        @Test
        void aMethod(TestDatabase database) throws SQLException {
            SEEN.add(database);
            assertThat(exists(database)).isTrue();
        }

        @Test
        void aMethodThatTakesNone() {
            assertThat(SEEN).isNotEmpty();
        }

        @Nested
        class NestedCase {

            @BeforeEach
            void beforeEach(TestDatabase database) {
                SEEN.add(database);
            }

            @Test
            void aMethod(TestDatabase database) {
                SEEN.add(database);
            }
        }
    }

    @ExtendWith(PostgresExtension.class)
    static class OtherCase {

        @Test
        void aMethod(TestDatabase database) throws SQLException {
            SEEN.add(database);
            assertThat(exists(database)).isTrue();
        }
    }
}
