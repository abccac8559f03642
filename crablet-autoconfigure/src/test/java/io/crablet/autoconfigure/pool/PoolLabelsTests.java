package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.jayway.jsonpath.JsonPath;
import example.courses.CoursesApplication;
import io.crablet.pool.micrometer.PoolMetrics;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** What borrows are called, and what is measured of them, in a web application on a real pool. */
@ExtendWith({PostgresExtension.class, OutputCaptureExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoolLabelsTests {

    private final HttpClient http = HttpClient.newHttpClient();

    private final ConfigurableApplicationContext application;

    PoolLabelsTests(TestDatabase database) {
        application = new SpringApplicationBuilder(CoursesApplication.class)
                .web(WebApplicationType.SERVLET)
                .properties(
                        "server.port=0",
                        "spring.jpa.open-in-view=false",
                        "crablet.pool.watch.suspect-after=1s",
                        "crablet.pool.server.timeout=20s",
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=5",
                        "spring.datasource.hikari.minimum-idle=1",
                        "management.endpoints.web.exposure.include=metrics,prometheus")
                .run();
    }

    @AfterAll
    void close() {
        application.close();
    }

    @Test
    void aRequestBorrowsForItsRouteAndNotForItsPath() throws Exception {
        assertThat(get("/courses/c1")).isEqualTo("GET /courses/{id}");
        assertThat(get("/courses/c1/subscribe")).isEqualTo("GET /courses/{id}/subscribe");
    }

    @Test
    void beforeTheHandlerIsChosenARequestBorrowsForItsObservation() throws Exception {
        get("/courses/c1");
        assertThat(CoursesApplication.IN_FILTER.get()).isEqualTo("http.server.requests");
    }

    @Test
    void whatTheProgramNamesItselfComesFirst() throws Exception {
        assertThat(get("/courses/c1/import")).isEqualTo("import courses");
    }

    @Test
    void aTransactionalMethodBorrowsForItself() {
        assertThat(application.getBean(CoursesApplication.Courses.class).subscribe())
                .isEqualTo("CoursesApplication$Courses.subscribe");
    }

    @Test
    void aScheduledTaskBorrowsForItsMethod() {
        await().untilAsserted(() ->
                assertThat(CoursesApplication.Reminders.LAST.get()).isEqualTo("Reminders.send"));
    }

    @Test
    void anythingElseBorrowsForTheObservationThatIsNotOfJdbc() {
        ObservationRegistry observations = application.getBean(ObservationRegistry.class);
        String operation = Observation.createNotStarted("orders.import", observations)
                .observe(() -> Observation.createNotStarted("jdbc.connection", observations)
                        .observe(() -> borrows().operationOfABorrow()));
        assertThat(operation).isEqualTo("orders.import");
    }

    @Test
    void aThreadThatNothingIsKnownOfBorrowsForNothing() {
        assertThat(borrows().operationOfABorrow()).isNull();
        assertThat(borrows().borrow().traceId()).isNull();
    }

    @Test
    void theTraceIsTheOneInTheLog() {
        try (MDC.MDCCloseable trace = MDC.putCloseable("traceId", "4bf92f3577b34da6")) {
            assertThat(trace).isNotNull();
            assertThat(borrows().borrow().traceId()).isEqualTo("4bf92f3577b34da6");
        }
        try (MDC.MDCCloseable trace = MDC.putCloseable("trace_id", "00f067aa0ba902b7")) {
            assertThat(trace).isNotNull();
            assertThat(borrows().borrow().traceId()).isEqualTo("00f067aa0ba902b7");
        }
    }

    @Test
    void aForgottenConnectionShowsInTheMetersWhileItIsHeldAndAfter() throws Exception {
        get("/courses/c1/keep");
        String held = "/actuator/metrics/crablet.pool.held?tag=operation:GET%20/courses/%7Bid%7D/keep";
        // Who reads any of the meters sees all operations that hold connections.
        assertThat(measured("/actuator/metrics/crablet.pool.held", "COUNT")).isGreaterThanOrEqualTo(1);
        assertThat(measured(held, "COUNT")).isEqualTo(1);
        await().untilAsserted(() -> assertThat(measured(held, "TOTAL_TIME")).isGreaterThan(1));
        assertThat(measured("/actuator/metrics/crablet.pool.borrowed.oldest", "VALUE"))
                .isGreaterThan(1);

        borrows().forget();
        await().untilAsserted(() -> {
            System.gc();
            assertThat(measured("/actuator/metrics/crablet.pool.leaks.reclaimed", "COUNT"))
                    .isEqualTo(1);
            assertThat(get("/actuator/metrics/crablet.pool.leaks"))
                    .contains("example.courses.CoursesApplication$Borrows.keep(CoursesApplication.java:");
        });
        assertThat(measured(held, "COUNT")).isEqualTo(1);
        assertThat(measured(held, "TOTAL_TIME")).isGreaterThan(1);
        assertThat(get("/actuator/prometheus"))
                .contains("crablet_pool_leaks_reclaimed_total{pool=\"dataSource\"} 1.0")
                .contains("crablet_postgres_connections_max{pool=\"dataSource\"} 300.0");
    }

    @Test
    void aSuspectIsLoggedWithItsVerdict(CapturedOutput output) throws Exception {
        String borrowed = "Pool dataSource: a connection is held for ";
        // It is told once. Which of the two it is depends on how long after the last look that was.
        List<String> verdicts = List.of(" In use: last used ", " Unknown: not used for ");
        try (Connection connection = application.getBean(DataSource.class).getConnection()) {
            assertThat(connection.isClosed()).isFalse();
            await().untilAsserted(() -> assertThat(output.getOut().lines())
                    .anyMatch(
                            line -> line.contains(borrowed) && verdicts.stream().anyMatch(line::contains)));
        }
    }

    @Test
    void everyMeterIsThereAfterTheStart() throws Exception {
        List<String> names = JsonPath.read(get("/actuator/metrics"), "$.names");
        assertThat(names)
                .contains(
                        PoolMetrics.BORROWED_OLDEST,
                        PoolMetrics.HELD,
                        PoolMetrics.SUSPECTS,
                        PoolMetrics.LEAKS,
                        PoolMetrics.LEAKS_RECLAIMED,
                        PoolMetrics.TIMEOUTS,
                        PoolMetrics.SATURATION,
                        PoolMetrics.SECOND_BORROWS,
                        PoolMetrics.SERVER_CONNECTIONS,
                        PoolMetrics.SERVER_CONNECTIONS_MAX,
                        PoolMetrics.SERVER_TRANSACTION_IDLE_OLDEST,
                        PoolMetrics.SERVER_QUERY_OLDEST,
                        PoolMetrics.SERVER_BLOCKED);
    }

    private double measured(String path, String statistic) throws IOException, InterruptedException {
        List<Number> values =
                JsonPath.read(get(path), "$.measurements[?(@.statistic == '%s')].value".formatted(statistic));
        return values.get(0).doubleValue();
    }

    private CoursesApplication.Borrows borrows() {
        return application.getBean(CoursesApplication.Borrows.class);
    }

    private String get(String path) throws IOException, InterruptedException {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
