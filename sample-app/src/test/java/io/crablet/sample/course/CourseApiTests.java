package io.crablet.sample.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.sample.SampleTest;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.BodyContentSpec;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

@SampleTest
class CourseApiTests {

    @Autowired
    RestTestClient client;

    private final String course = "c-" + UUID.randomUUID();
    private final String student = "s-" + UUID.randomUUID();

    @Test
    void aNewCourseIsAnsweredWithItsLocation() {
        define(course, 30)
                .expectStatus()
                .isCreated()
                .expectHeader()
                .value("Location", location -> assertThat(location).endsWith("/courses/" + course))
                .expectBody()
                .jsonPath("$.id")
                .isEqualTo(course)
                .jsonPath("$.capacity")
                .isEqualTo(30)
                .jsonPath("$.subscribed")
                .isEqualTo(0)
                .jsonPath("$.position")
                .isNumber();
    }

    @Test
    void aCourseIsNotDefinedTwice() {
        define(course, 30).expectStatus().isCreated();

        problem(define(course, 40), 409, "course-exists")
                .jsonPath("$.detail")
                .isEqualTo("Course '" + course + "' exists already");
        assertCourse(30, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Ω mega, {\"quoted\"} \\u0041; 100% & more?=#+",
                "👩‍🚀🚀",
                "a:b:c",
                "...",
                "日本語 コース",
                "' or 1=1 --",
            })
    void anIdMayBeAlmostAnyText(String text) {
        String id = text.replace("\\", "") + UUID.randomUUID();
        URI location = define(id, 2)
                .expectStatus()
                .isCreated()
                .expectBody(Map.class)
                .returnResult()
                .getResponseHeaders()
                .getLocation();

        subscribe(id, text.replace("\\", "")).expectStatus().isCreated();

        assertThat(location).isNotNull();
        client.get()
                .uri(location)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.id")
                .isEqualTo(id)
                .jsonPath("$.subscribed")
                .isEqualTo(1);
        client.delete()
                .uri("/courses/{id}/subscriptions/{student}", id, text.replace("\\", ""))
                .exchange()
                .expectStatus()
                .isNoContent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"id":"","capacity":30}          | id must not be blank
            {"id":" ","capacity":30}         | id must not be blank
            {"capacity":30}                  | id must not be blank
            {"id":"..","capacity":30}        | id must not hold slashes
            {"id":"a/b","capacity":30}       | id must not hold slashes
            {"id":"a\\\\b","capacity":30}    | id must not hold slashes
            {"id":"a\\u0000b","capacity":30} | id must not hold slashes
            {"id":"a\\ud83d","capacity":30}  | id must not hold slashes
            {"id":["c"],"capacity":30}       | id is not of the type
            {"id":"c"}                       | capacity must not be null
            {"id":"c","capacity":null}       | capacity must not be null
            {"id":"c","capacity":0}          | capacity must be greater than or equal to 1
            {"id":"c","capacity":-1}         | capacity must be greater than or equal to 1
            {"id":"c","capacity":100001}     | capacity must be less than or equal to 100000
            {"id":"c","capacity":30.5}       | capacity is not of the type
            {"id":"c","capacity":"30"}       | capacity is not of the type
            {"id":"c","capacity":99999999999}| capacity is not of the type
            {"id":"","capacity":0}           | capacity must be greater than or equal to 1; id must not be blank
            {"id":"c",                       | The body is not the JSON object
            []                               | The body is not the JSON object
            """)
    void aCourseThatIsNotValidIsRefusedWithWhatToChange(String body, String detail) {
        problem(post("/courses", body), 400, null)
                .jsonPath("$.detail")
                .value(String.class, text -> assertThat(text).startsWith(detail));
    }

    @Test
    void anIdHasALimitedLength() {
        define("x".repeat(100), 1)
                .expectStatus()
                .value(status -> assertThat(status).isIn(201, 409));
        problem(define("x".repeat(101), 1), 400, null)
                .jsonPath("$.detail")
                .isEqualTo("id size must be between 0 and 100");
        problem(send(HttpMethod.GET, "/courses/" + "x".repeat(101), ""), 400, null)
                .jsonPath("$.detail")
                .isEqualTo("id size must be between 0 and 100");
    }

    @Test
    void aRequestWithoutABodyIsRefused() {
        problem(post("/courses", ""), 400, null)
                .jsonPath("$.detail")
                .isEqualTo("The body is missing or can not be read");
    }

    @Test
    void aCapacityCanBeChanged() {
        define(course, 1).expectStatus().isCreated();
        subscribe(course, student).expectStatus().isCreated();

        changeCapacity(course, 2)
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.capacity")
                .isEqualTo(2)
                .jsonPath("$.subscribed")
                .isEqualTo(1);

        assertCourse(2, 1);
        subscribe(course, "another").expectStatus().isCreated();
    }

    @Test
    void aCapacityThatIsTheSameIsNoEvent() {
        Object position = define(course, 5)
                .expectBody(Map.class)
                .returnResult()
                .getResponseBody()
                .get("position");

        changeCapacity(course, 5)
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.position")
                .isEqualTo(position);
    }

    @Test
    void aCapacityIsNotChangedBelowTheSubscribed() {
        define(course, 2).expectStatus().isCreated();
        subscribe(course, "one").expectStatus().isCreated();
        subscribe(course, "two").expectStatus().isCreated();

        problem(changeCapacity(course, 1), 409, "capacity-below-subscribed")
                .jsonPath("$.detail")
                .isEqualTo("2 are subscribed to course '" + course + "', more than 1");
        assertCourse(2, 2);
    }

    @Test
    void anUnknownCourseIsNotFound() {
        problem(send(HttpMethod.GET, "/courses/" + course, ""), 404, "course-unknown")
                .jsonPath("$.detail")
                .isEqualTo("There is no course '" + course + "'");
        problem(changeCapacity(course, 1), 404, "course-unknown");
        problem(subscribe(course, student), 404, "course-unknown");
        problem(unsubscribe(course, student), 404, "course-unknown");
    }

    @Test
    void aFullCourseTakesNobodyUntilSomebodyLeaves() {
        define(course, 1).expectStatus().isCreated();
        subscribe(course, "first").expectStatus().isCreated();

        problem(subscribe(course, student), 409, "course-full")
                .jsonPath("$.title")
                .isEqualTo("Course full");
        unsubscribe(course, "first").expectStatus().isNoContent().expectBody().isEmpty();
        subscribe(course, student).expectStatus().isCreated();

        assertCourse(1, 1);
    }

    @Test
    void aStudentSubscribesOnce() {
        define(course, 5).expectStatus().isCreated();
        subscribe(course, student)
                .expectStatus()
                .isCreated()
                .expectBody()
                .jsonPath("$.course")
                .isEqualTo(course)
                .jsonPath("$.student")
                .isEqualTo(student)
                .jsonPath("$.position")
                .isNumber();

        problem(subscribe(course, student), 409, "already-subscribed");
        assertCourse(5, 1);
    }

    @Test
    void aStudentHasTenCoursesAtMost() {
        for (int i = 0; i <= 10; i++) {
            define(course + i, 5).expectStatus().isCreated();
        }
        for (int i = 0; i < 10; i++) {
            subscribe(course + i, student).expectStatus().isCreated();
        }

        problem(subscribe(course + 10, student), 409, "too-many-courses")
                .jsonPath("$.detail")
                .isEqualTo("Student '" + student + "' is subscribed to 10 courses, the limit is 10");
        unsubscribe(course + 3, student).expectStatus().isNoContent();
        subscribe(course + 10, student).expectStatus().isCreated();
    }

    @Test
    void whoIsNotSubscribedCanNotUnsubscribe() {
        define(course, 5).expectStatus().isCreated();

        problem(unsubscribe(course, student), 404, "not-subscribed");
        subscribe(course, student).expectStatus().isCreated();
        unsubscribe(course, student).expectStatus().isNoContent();
        problem(unsubscribe(course, student), 404, "not-subscribed");
    }

    @Test
    void aStudentThatIsNotValidIsRefused() {
        define(course, 5).expectStatus().isCreated();

        problem(subscribe(course, ""), 400, null).jsonPath("$.detail").isEqualTo("student must not be blank");
        problem(post("/courses/" + course + "/subscriptions", "{}"), 400, null);
    }

    @Test
    void anUnknownAddressAndAnUnknownMethodAreProblemsToo() {
        problem(send(HttpMethod.GET, "/nothing", ""), 404, null);
        problem(send(HttpMethod.PUT, "/courses/" + course, "{}"), 405, null);
        problem(
                client.post()
                        .uri("/courses")
                        .contentType(MediaType.TEXT_PLAIN)
                        .body("x")
                        .exchange(),
                415,
                null);
    }

    private ResponseSpec define(String id, int capacity) {
        return json(HttpMethod.POST, Map.of("id", id, "capacity", capacity), "/courses");
    }

    private ResponseSpec changeCapacity(String id, int capacity) {
        return json(HttpMethod.PATCH, Map.of("capacity", capacity), "/courses/{id}", id);
    }

    private ResponseSpec subscribe(String id, String who) {
        return json(HttpMethod.POST, Map.of("student", who), "/courses/{id}/subscriptions", id);
    }

    private ResponseSpec unsubscribe(String id, String who) {
        return client.delete()
                .uri("/courses/{id}/subscriptions/{student}", id, who)
                .exchange();
    }

    private ResponseSpec post(String path, String body) {
        return send(HttpMethod.POST, path, body);
    }

    private ResponseSpec json(HttpMethod method, Map<String, ?> body, String path, Object... variables) {
        return client.method(method)
                .uri(path, variables)
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange();
    }

    private ResponseSpec send(HttpMethod method, String path, String body) {
        return client.method(method)
                .uri(path)
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .exchange();
    }

    private BodyContentSpec problem(ResponseSpec response, int status, String type) {
        BodyContentSpec body = response.expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status);
        return type == null ? body : body.jsonPath("$.type").isEqualTo("urn:crablet-sample:" + type);
    }

    private void assertCourse(int capacity, int subscribed) {
        client.get()
                .uri("/courses/{id}", course)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.capacity")
                .isEqualTo(capacity)
                .jsonPath("$.subscribed")
                .isEqualTo(subscribed)
                .jsonPath("$.position")
                .isNumber();
    }
}
