package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.jayway.jsonpath.JsonPath;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.health.DataSourceHealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** All connections taken, 50 callers waiting, over HTTP. */
@ExtendWith(PostgresExtension.class)
class HealthUnderExhaustionTests {

    private static final int CALLERS = 50;

    private static final int ROUNDS = 30;

    /** The first of them count; the median is judged, so that one pause of the machine decides nothing. */
    private static final int CALM_ROUNDS = 3;

    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(1);

    private final HttpClient http = HttpClient.newHttpClient();

    private final List<Connection> taken = new ArrayList<>();

    private final List<Thread> callers = new ArrayList<>();

    private final ConfigurableApplicationContext application;

    private volatile boolean over;

    HealthUnderExhaustionTests(TestDatabase database) {
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
                .properties(
                        "server.port=0",
                        "spring.datasource.url=" + database.jdbcUrl(),
                        "spring.datasource.username=" + database.username(),
                        "spring.datasource.password=" + database.password(),
                        "spring.datasource.hikari.maximum-pool-size=10",
                        "spring.datasource.hikari.minimum-idle=10",
                        "spring.datasource.hikari.connection-timeout=" + CONNECTION_TIMEOUT.toMillis(),
                        "crablet.pool.health.exhausted-for=1s",
                        "management.endpoint.health.show-details=always")
                .run();
    }

    @BeforeEach
    void exhaust() throws SQLException {
        HikariDataSource pool = pool();
        taken.add(pool.getConnection());
        // Not to be waited for within the short timeout, as it fills one by one.
        await().until(() -> pool.getHikariPoolMXBean().getTotalConnections() == pool.getMaximumPoolSize());
        for (int i = 1; i < pool.getMaximumPoolSize(); i++) {
            taken.add(pool.getConnection());
        }
        for (int i = 0; i < CALLERS; i++) {
            Thread caller = new Thread(this::waitForAConnection);
            caller.start();
            callers.add(caller);
        }
        await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == CALLERS);
    }

    @AfterEach
    void close() throws Exception {
        over = true;
        for (Connection connection : taken) {
            connection.close();
        }
        for (Thread caller : callers) {
            caller.join();
        }
        application.close();
    }

    @Test
    void healthSaysThatThePoolIsExhaustedAndTheDatabaseIsUp() throws Exception {
        await().untilAsserted(() -> {
            HttpResponse<String> answer = get("/actuator/health");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat((String) read(answer, "$.status")).isEqualTo("OUT_OF_SERVICE");
            assertThat((String) read(answer, "$.components.db.status")).isEqualTo("UP");
            assertThat((String) read(answer, "$.components.pool.status")).isEqualTo("OUT_OF_SERVICE");
            assertThat((String) read(answer, "$.components.pool.details.state")).isEqualTo("exhausted");
            assertThat((Integer) read(answer, "$.components.pool.details.active"))
                    .isEqualTo(10);
            assertThat((Integer) read(answer, "$.components.pool.details.waiting"))
                    .isEqualTo(CALLERS);
            assertThat((String) read(answer, "$.components.pool.details.message"))
                    .matches("All 10 connections are in use and 50 callers wait, for \\d+ s now\\..*");
        });
        assertThat(get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
    }

    @Test
    void healthAnswersWithin20MillisecondsWhileSpringBootsCheckTakesTheConnectionTimeout() throws Exception {
        long start = System.nanoTime();
        assertThat(new DataSourceHealthIndicator(pool()).health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(CONNECTION_TIMEOUT);

        // A check that waits for a connection is found out here, before it is called a thousand times.
        assertThat(new Round(20).median()).isLessThan(CONNECTION_TIMEOUT.toMillis() / 2.0);
        Round warmUp = new Round(1000);
        List<Double> p99 = new ArrayList<>();
        for (int i = 0; i < ROUNDS && p99.size() < CALM_ROUNDS; i++) {
            Round round = new Round(500);
            System.out.println(round);
            if (round.machineIsCalm()) {
                p99.add(round.p99());
            }
        }
        assumeTrue(p99.size() == CALM_ROUNDS, () -> "the machine is too busy to measure anything: " + warmUp);
        Collections.sort(p99);
        assertThat(p99.get(CALM_ROUNDS / 2)).as("the median of %s", p99).isLessThanOrEqualTo(20);
    }

    /** Calls of health, and in between of a check that does nothing, which shows what the machine alone takes. */
    private final class Round {

        private final double[] health;

        private final double[] nothing;

        Round(int calls) throws IOException, InterruptedException {
            health = new double[calls];
            nothing = new double[calls];
            for (int i = 0; i < calls; i++) {
                health[i] = millis("/actuator/health");
                nothing[i] = millis("/actuator/health/ping");
            }
            Arrays.sort(health);
            Arrays.sort(nothing);
        }

        double median() {
            return percentile(health, 50);
        }

        double p99() {
            return percentile(health, 99);
        }

        boolean machineIsCalm() {
            return percentile(nothing, 99) <= 10;
        }

        @Override
        public String toString() {
            return "/actuator/health, pool exhausted, %d callers waiting: %s; /actuator/health/ping: %s"
                    .formatted(CALLERS, figures(health), figures(nothing));
        }

        private String figures(double[] millis) {
            return "p50 %.1f ms, p99 %.1f ms, max %.1f ms"
                    .formatted(percentile(millis, 50), percentile(millis, 99), percentile(millis, 100));
        }

        private double percentile(double[] millis, int percent) {
            return millis[millis.length * percent / 100 - 1];
        }
    }

    private double millis(String path) throws IOException, InterruptedException {
        long start = System.nanoTime();
        get(path);
        return (System.nanoTime() - start) / 1e6;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static <T> T read(HttpResponse<String> answer, String path) {
        return JsonPath.read(answer.body(), path);
    }

    private void waitForAConnection() {
        while (!over) {
            try (Connection connection = pool().getConnection()) {
                assertThat(connection.isClosed()).isFalse();
            } catch (SQLTransientConnectionException timedOut) {
                continue;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private HikariDataSource pool() {
        return application.getBean(HikariDataSource.class);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
