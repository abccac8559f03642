package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.PoolCapacityReport;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@ExtendWith({PostgresExtension.class, OutputCaptureExtension.class})
class PoolCapacityCheckTests {

    private final TestDatabase database;

    private LimitedRole role;

    private ApplicationContextRunner runner;

    PoolCapacityCheckTests(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void createRole() throws SQLException {
        role = new LimitedRole(database);
        runner = new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(DataSourceAutoConfiguration.class, PoolSettingsAutoConfiguration.class))
                .withPropertyValues(role.properties());
    }

    @AfterEach
    void dropRole() throws SQLException {
        role.close();
    }

    @Test
    void aPoolThatIsTooLargeForItsRoleIsLoweredAndSaysTheSum(CapturedOutput output) {
        runner.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            String message = "maximum-pool-size lowered from 300 to 8: connection limit of role 'capacity_role' 10"
                    + " - 2 kept free = 8";

            assertThat(pool.getMaximumPoolSize()).isEqualTo(8);
            assertThat(pool.getMinimumIdle()).isEqualTo(8);
            assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                    .isEqualTo(message);
            assertThat(output).contains("WARN").contains("Pool dataSource: " + message);
            assertThat(output).doesNotContain(LimitedRole.PASSWORD);
        });
    }

    @Test
    void thatAPoolWasLoweredIsAnEventInTheLog() {
        Logger logger = (Logger) LoggerFactory.getLogger(PoolStartCheck.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            runner.run(context -> assertThat(log.list)
                    .filteredOn(event -> event.getLevel() == Level.WARN)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getKeyValuePairs())
                            .extracting(pair -> pair.key + "=" + pair.value)
                            .containsExactly(
                                    "event.action=pool.capacity-adjusted",
                                    "pool=dataSource",
                                    "from=300",
                                    "to=8",
                                    "reason=connection limit of role 'capacity_role' 10 - 2 kept free = 8")));
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void aLoweredPoolCanTakeAllItMayAndOthersStillConnect() {
        runner.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            List<Connection> taken = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                taken.add(pool.getConnection());
            }
            try (Connection operator = role.dataSource().getConnection()) {
                assertThat(operator.isValid(30)).isTrue();
            }
            for (Connection connection : taken) {
                connection.close();
            }
        });
    }

    @Test
    void theReportKnowsAPoolByTheNameThatHikariGivesItLater() {
        runner.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            PoolCapacityReport report = context.getBean(PoolCapacityReport.class);
            assertThat(report.messages()).containsOnlyKeys("dataSource");

            pool.getConnection().close();

            assertThat(report.messages()).containsOnlyKeys(pool.getPoolName());
            assertThat(report.message(pool.getPoolName())).isNotNull().isEqualTo(report.message("dataSource"));
            assertThat(report.message("another")).isNull();
        });
    }

    @Test
    void aPoolThatIsTooLargeForItsDatabaseIsLowered() throws SQLException {
        role.execute("alter database " + database.name() + " connection limit 7");
        role.awaitNoSessions();

        runner.run(context -> {
            assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(5);
            assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                    .endsWith("connection limit of database '" + database.name() + "' 7 - 2 kept free = 5");
        });
    }

    @Test
    void aPoolThatIsTooLargeForTheServerIsLowered() {
        runner.withPropertyValues(
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximumPoolSize=5000",
                        "spring.datasource.hikari.minimumIdle=1")
                .run(context -> {
                    HikariDataSource pool = context.getBean(HikariDataSource.class);

                    assertThat(pool.getMaximumPoolSize()).isLessThan(300).isGreaterThan(100);
                    assertThat(pool.getMinimumIdle()).isEqualTo(1);
                    assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                            .contains("lowered from 5000 to " + pool.getMaximumPoolSize())
                            .contains("max_connections 300 - 3 reserved")
                            .endsWith("- 5 kept free = " + pool.getMaximumPoolSize());
                });
    }

    @Test
    void aPoolThatFitsStaysAsItIs() {
        runner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=8")
                .run(context -> {
                    assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                            .isEqualTo(8);
                    assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                            .startsWith("maximum-pool-size 8 fits: ");
                });
    }

    @Test
    void aMinimumBelowWhatThereIsRoomForStays() {
        runner.withPropertyValues("spring.datasource.hikari.minimum-idle=2").run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            assertThat(pool.getMaximumPoolSize()).isEqualTo(8);
            assertThat(pool.getMinimumIdle()).isEqualTo(2);
        });
    }

    @Test
    void warningLeavesThePoolAsItIs(CapturedOutput output) {
        runner.withPropertyValues("crablet.pool.capacity-check=warn").run(context -> {
            assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                    .isEqualTo(300);
            assertThat(output)
                    .contains("WARN")
                    .contains("maximum-pool-size 300 is more than the server has room for: connection limit of role");
        });
    }

    @Test
    void failingStopsTheStartWithWhatToSet() {
        runner.withPropertyValues("crablet.pool.capacity-check=fail").run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new PoolSettingsFailureAnalyzer().analyze(context.getStartupFailure());
            assertThat(analysis.getDescription()).contains("300", "room for 8", "- 2 kept free = 8");
            assertThat(analysis.getAction()).contains("maximum-pool-size to 8 or less", "capacity-check=adjust");
        });
    }

    @Test
    void switchedOffNothingIsAskedOrChanged() {
        runner.withPropertyValues("crablet.pool.capacity-check=off", "spring.datasource.password=wrong")
                .run(context -> {
                    assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                            .isEqualTo(300);
                    assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                            .isEqualTo("not checked: crablet.pool.capacity-check is off");
                });
    }

    @Test
    void aDatabaseThatCannotBeReachedDoesNotStopTheStart(CapturedOutput output) {
        runner.withPropertyValues(
                        "crablet.pool.capacity-check=fail",
                        "spring.datasource.url=jdbc:postgresql://localhost:1/none?password=" + LimitedRole.PASSWORD)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize())
                            .isEqualTo(300);
                    assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                            .contains("could not be read", "SQLState 08001");
                    assertThat(output).contains("could not be read").doesNotContain(LimitedRole.PASSWORD);
                });
    }

    @Test
    void aServerThatAcceptsButNeverAnswersDelaysTheStartByNoMoreThanAFewSeconds() throws IOException {
        try (ServerSocket silent = new ServerSocket(0)) {
            Instant start = Instant.now();
            runner.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:" + silent.getLocalPort()
                            + "/none?connectTimeout=60&loginTimeout=60&socketTimeout=60")
                    .run(context -> assertThat(
                                    context.getBean(PoolCapacityReport.class).message("dataSource"))
                            .contains("could not be read"));
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(15));
        }
    }

    @Test
    void aRefusedLoginIsLeftToThePoolToReport(CapturedOutput output) throws SQLException {
        role.execute("alter role " + LimitedRole.NAME + " nologin");

        runner.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(PoolCapacityReport.class).message("dataSource"))
                    .contains("SQLState 28000");
            assertThat(output).doesNotContain(LimitedRole.PASSWORD);
        });
    }

    @Test
    void anotherDatabaseThanPostgresIsNotAsked() {
        runner.withPropertyValues(
                        "spring.datasource.url=jdbc:other://localhost/none",
                        "spring.datasource.driver-class-name=org.postgresql.Driver")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(PoolCapacityReport.class).messages())
                            .isEmpty();
                });
    }

    @Test
    void aContainerThatWouldStopWithTheLastConnectionIsNotAsked() throws SQLException {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl("jdbc:tc:postgresql:17:///none");

            assertThat(ServerLimitsReader.read(pool)).isNull();
        }
    }

    @Test
    void whatHikariWillCorrectIsReportedWithTheFigures(CapturedOutput output) {
        runner.withPropertyValues("spring.datasource.hikari.keepalive-time=5000")
                .run(context -> assertThat(output)
                        .contains("Pool dataSource: keepalive-time 5000 ms is below 30000 ms: Hikari turns it off"));
    }

    @Test
    void theCheckSaysWhoItIsWhateverTheUrlSays() throws SQLException {
        PGSimpleDataSource asShop = new PGSimpleDataSource();
        asShop.setUrl(database.jdbcUrl() + "?ApplicationName=shop");
        AtomicReference<PgConnection> asked = new AtomicReference<>();
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setUsername(LimitedRole.NAME);
            pool.setPassword(LimitedRole.PASSWORD);
            pool.setDataSource(new DelegatingDataSource(asShop) {

                @Override
                public Connection getConnection(String username, String password) throws SQLException {
                    Connection connection = super.getConnection(username, password);
                    asked.set(connection.unwrap(PgConnection.class));
                    return connection;
                }
            });

            assertThat(ServerLimitsReader.read(pool)).isNotNull();
            assertThat(asked.get().getQueryExecutor().getApplicationName()).isEqualTo("crablet capacity check");
            assertThat(asked.get().isClosed()).isTrue();
        }
    }
}
