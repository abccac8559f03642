package io.crablet.sample.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Those who use the sample over HTTP. Each of their requests has to be served. */
final class Visitors {

    private static final int COURSES = 20;
    private static final int STUDENTS = 60;
    private static final int SEATS = 15;

    private static final Pattern POSITION = Pattern.compile("^\\{\"position\":(\\d+),");

    /** Done, unknown, or against a rule: all of them answers. */
    private static final Set<Integer> ANSWERS = Set.of(200, 201, 204, 404, 409);

    private static final List<String> FAULTS = List.of(
            "forgotten-connection?count=2",
            "open-cursor-stream",
            "idle-in-transaction",
            "second-connection",
            "lock-wait",
            "dead-thread");

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;
    private final Tally tally;

    Visitors(int port, Tally tally) {
        this.base = "http://localhost:" + port;
        this.tally = tally;
    }

    void defineCourses() throws Exception {
        for (int i = 0; i < COURSES; i++) {
            expect("define a course", json("POST", "/courses", "{\"id\":\"c" + i + "\",\"capacity\":" + SEATS + "}"));
        }
    }

    void subscribe() throws Exception {
        expect("subscribe", json("POST", course() + "/subscriptions", "{\"student\":\"" + student() + "\"}"));
    }

    void unsubscribe() throws Exception {
        expect(
                "unsubscribe",
                request(course() + "/subscriptions/" + student()).DELETE().build());
    }

    void changeCapacity() throws Exception {
        int capacity = SEATS - 5 + ThreadLocalRandom.current().nextInt(10);
        expect("change a capacity", json("PATCH", course(), "{\"capacity\":" + capacity + "}"));
    }

    void look() throws Exception {
        expect("look at a course", request(course()).build());
    }

    void readEvents() throws Exception {
        int after = ThreadLocalRandom.current().nextInt(500);
        HttpResponse<String> response =
                http.send(request("/events?limit=1500&after=" + after).build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        long position = after;
        for (String line : response.body().lines().toList()) {
            assertThat(positionOf(line)).isEqualTo(++position);
        }
        tally.count("read the events");
    }

    /** Follows the events for a while and goes without a word. */
    void follow() throws Exception {
        HttpRequest request =
                request("/events").header("Accept", "text/event-stream").build();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        int lines = ThreadLocalRandom.current().nextInt(300);
        try (BufferedReader events =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < lines; i++) {
                assertThat(events.readLine()).isNotNull();
            }
        }
        tally.count("follow the events and go");
    }

    void stageAFault() throws Exception {
        String fault = FAULTS.get(ThreadLocalRandom.current().nextInt(FAULTS.size()));
        String path = "/faults/" + fault + (fault.contains("?") ? "&" : "?") + "seconds=1";
        HttpResponse<String> response = http.send(json("POST", path, ""), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        tally.count("stage " + fault);
        if (fault.startsWith("forgotten")) {
            tally.count("forget in a staged fault", 2);
        }
    }

    private void expect(String what, HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(what + ": " + response.body()).isIn(ANSWERS);
        tally.count(what + " -> " + response.statusCode());
    }

    private static long positionOf(String line) {
        Matcher position = POSITION.matcher(line);
        assertThat(position.find()).as(line).isTrue();
        return Long.parseLong(position.group(1));
    }

    private static String course() {
        return "/courses/c" + ThreadLocalRandom.current().nextInt(COURSES);
    }

    private static String student() {
        return "s" + ThreadLocalRandom.current().nextInt(STUDENTS);
    }

    private HttpRequest json(String method, String path, String body) {
        return request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }
}
