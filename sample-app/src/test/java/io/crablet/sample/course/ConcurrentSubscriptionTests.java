package io.crablet.sample.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import io.crablet.sample.SampleApplication;
import io.crablet.sample.SampleTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;

@SampleTest
@Timeout(120)
class ConcurrentSubscriptionTests {

    private static final int SEATS = 30;
    private static final int STUDENTS = 200;

    @Autowired
    EventStore store;

    @Autowired
    JdbcConnectionDetails database;

    @LocalServerPort
    int port;

    private final String course = "c-" + UUID.randomUUID();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newFixedThreadPool(STUDENTS);

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @RepeatedTest(3)
    void exactlyAsManyStudentsAsSeatsSubscribe() throws Exception {
        define(course, SEATS);

        List<HttpResponse<String>> answers = allAtOnce(STUDENTS, student -> subscription(port, course, "s" + student));

        assertThatSeatsWentToTheFirst(answers);
    }

    @Test
    void alsoWithTwoInstancesOnOneDatabase() throws Exception {
        define(course, SEATS);
        try (ConfigurableApplicationContext second = startSecondInstance()) {
            int secondPort = second.getEnvironment().getRequiredProperty("local.server.port", Integer.class);

            List<HttpResponse<String>> answers = allAtOnce(
                    STUDENTS, student -> subscription(student % 2 == 0 ? port : secondPort, course, "s" + student));

            assertThatSeatsWentToTheFirst(answers);
        }
    }

    @Test
    void aStudentGetsNoMoreThanTenCoursesByAskingForAllAtOnce() throws Exception {
        for (int i = 0; i < 30; i++) {
            define(course + i, SEATS);
        }
        String student = "s-" + UUID.randomUUID();

        List<HttpResponse<String>> answers = allAtOnce(30, i -> subscription(port, course + i, student));

        assertThat(statuses(answers)).isEqualTo(Map.of(201, 10L, 409, 20L));
    }

    @Test
    void aStudentWhoAsksAgainAndAgainSubscribesOnce() throws Exception {
        define(course, SEATS);

        List<HttpResponse<String>> answers = allAtOnce(50, i -> subscription(port, course, "the-same"));

        assertThat(statuses(answers)).isEqualTo(Map.of(201, 1L, 409, 49L));
    }

    private void assertThatSeatsWentToTheFirst(List<HttpResponse<String>> answers) {
        assertThat(statuses(answers)).isEqualTo(Map.of(201, (long) SEATS, 409, (long) STUDENTS - SEATS));
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 409)
                .allSatisfy(answer -> assertThat(answer.body()).contains("urn:crablet-sample:course-full"));
        Query seats = Query.of(QueryItem.ofTypes("StudentSubscribed").withTags(Tag.of("course", course)));
        assertThat(store.read(seats).events()).hasSize(SEATS);
    }

    private ConfigurableApplicationContext startSecondInstance() {
        return SpringApplication.run(
                SampleApplication.class,
                "--server.port=0",
                "--DB_HOST=of-the-first-instance",
                "--spring.datasource.url=" + database.getJdbcUrl(),
                "--spring.datasource.username=" + database.getUsername(),
                "--spring.datasource.password=" + database.getPassword(),
                "--spring.datasource.hikari.maximum-pool-size=20");
    }

    private void define(String id, int capacity) throws Exception {
        HttpRequest request = post(port, "/courses", "{\"id\":\"" + id + "\",\"capacity\":" + capacity + "}");
        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(201);
    }

    private static HttpRequest subscription(int port, String course, String student) {
        return post(port, "/courses/" + course + "/subscriptions", "{\"student\":\"" + student + "\"}");
    }

    private static HttpRequest post(int port, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private List<HttpResponse<String>> allAtOnce(int count, IntFunction<HttpRequest> request) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Future<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            HttpRequest next = request.apply(i);
            sent.add(threads.submit(() -> {
                go.await();
                return http.send(next, HttpResponse.BodyHandlers.ofString());
            }));
        }
        go.countDown();
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (Future<HttpResponse<String>> answer : sent) {
            answers.add(answer.get());
        }
        return answers;
    }

    private static Map<Integer, Long> statuses(List<HttpResponse<String>> answers) {
        return answers.stream()
                .map(HttpResponse::statusCode)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
