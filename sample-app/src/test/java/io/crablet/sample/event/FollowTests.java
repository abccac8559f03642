package io.crablet.sample.event;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Tag;
import io.crablet.sample.SampleTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@SampleTest
@Timeout(120)
class FollowTests {

    @Autowired
    EventStore store;

    @Autowired
    Followers followers;

    @Autowired
    DataSource dataSource;

    @LocalServerPort
    int port;

    private final Tag tag = Tag.of("test", UUID.randomUUID().toString());

    @BeforeEach
    void nobodyFollows() {
        await().atMost(10, SECONDS).until(() -> followers.count() == 0);
    }

    @Test
    void whatHappenedAndWhatHappensIsSentInOrder() throws Exception {
        long first = append("1 🚀");
        try (Client client = follow("tag=" + tag, null)) {
            assertThat(client.next()).isEqualTo(first + " 1 🚀");

            long second = append("2");
            assertThat(client.next()).isEqualTo(second + " 2");
        }
    }

    @Test
    void aClientThatComesBackGoesOnAfterTheLastEventItHasSeen() throws Exception {
        append("1");
        long second = append("2");
        long third = append("3");
        try (Client client = follow("tag=" + tag + "&after=0", Long.toString(second))) {
            assertThat(client.next()).isEqualTo(third + " 3");
        }
    }

    @Test
    void aLimitEndsTheStream() throws Exception {
        append("1");
        try (Client client = follow("tag=" + tag + "&limit=2", null)) {
            assertThat(client.next()).endsWith(" 1");
            append("2");
            append("3");
            assertThat(client.next()).endsWith(" 2");
            assertThat(client.next()).isEqualTo("end");
        }
    }

    @Test
    void alsoALongLogIsSentToItsEnd() throws Exception {
        int count = 1_200;
        store.append(IntStream.range(0, count / 2).mapToObj(this::event).toList());
        store.append(IntStream.range(count / 2, count).mapToObj(this::event).toList());
        try (Client client = follow("tag=" + tag, null)) {
            for (int i = 0; i < count; i++) {
                assertThat(client.next()).endsWith(" " + i);
            }
        }
    }

    @Test
    void aClientWithNothingToReadGetsHeartbeats() throws Exception {
        try (Client client = follow("tag=" + tag, null)) {
            assertThat(client.line()).startsWith(":seen up to position ");
            assertThat(client.line()).isEmpty();
            assertThat(client.line()).startsWith(":seen up to position ");
        }
    }

    @Test
    void manyIdleClientsHoldNoConnection() throws Exception {
        HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);
        Client[] clients = new Client[50];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = follow("tag=" + tag, null);
        }
        assertThat(followers.count()).isEqualTo(clients.length);

        await().atMost(10, SECONDS).until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
        append("1");
        for (Client client : clients) {
            assertThat(client.next()).endsWith(" 1");
            client.close();
        }
    }

    @Test
    void aClientThatHasGoneIsForgotten() throws Exception {
        Client client = follow("tag=" + tag, null);
        assertThat(client.line()).isNotNull();
        assertThat(followers.count()).isEqualTo(1);

        client.close();

        await().atMost(10, SECONDS).until(() -> followers.count() == 0);
    }

    @Test
    void clientsThatDoNotReadHoldUpNobodyAndAreDropped() throws Exception {
        Tag much = Tag.of("much", UUID.randomUUID().toString());
        String large = '"' + "x".repeat(100_000) + '"';
        store.append(Stream.generate(() -> Event.of("Followed", large, much))
                .limit(150)
                .toList());
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            silent.add(askAndNeverRead(much));
        }
        await().atMost(10, SECONDS).until(() -> followers.count() == silent.size());
        // Each has begun to receive, so that its sender is on its way to a full buffer.
        for (Socket client : silent) {
            await().atMost(10, SECONDS).until(() -> client.getInputStream().available() > 0);
        }

        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            try (Client client = follow("tag=" + tag, null)) {
                long position = append("1");
                assertThat(client.next()).isEqualTo(position + " 1");
            }
        });
        await().atMost(40, SECONDS).until(() -> followers.count() == 0);
        for (Socket client : silent) {
            client.close();
        }
    }

    @Test
    void aLastEventIdThatIsNoPositionIsRefused() throws Exception {
        for (String id : List.of("x", "-1")) {
            HttpResponse<String> response =
                    HttpClient.newHttpClient().send(request("tag=" + tag, id), HttpResponse.BodyHandlers.ofString());

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        }
    }

    private Event event(int data) {
        return Event.of("Followed", Integer.toString(data), tag);
    }

    private long append(String data) {
        return store.append(List.of(Event.of("Followed", "\"" + data + "\"", tag)))
                .lastPosition();
    }

    private HttpRequest request(String query, String lastEventId) {
        String encoded = query.replace(tag.toString(), URLEncoder.encode(tag.toString(), StandardCharsets.UTF_8));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/events?" + encoded))
                .header("Accept", "text/event-stream");
        return lastEventId == null
                ? request.build()
                : request.header("Last-Event-ID", lastEventId).build();
    }

    private Socket askAndNeverRead(Tag tag) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("localhost", port));
        String request = "GET /events?tag=" + tag + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private Client follow(String query, String lastEventId) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                HttpClient.newHttpClient().send(request(query, lastEventId), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        return new Client(response.body());
    }

    /** Reads server-sent events, line by line. */
    private record Client(InputStream body, Scanner lines) implements AutoCloseable {

        Client(InputStream body) {
            this(body, new Scanner(body, StandardCharsets.UTF_8));
        }

        /** Returns the id and the data of the next event, or "end". */
        String next() {
            String id = "";
            while (lines.hasNextLine()) {
                String line = lines.nextLine();
                if (line.startsWith("id:")) {
                    id = line.substring(3).strip();
                } else if (line.startsWith("data:")) {
                    String data = line.replaceAll(".*\"data\":\"?([^\",]*)\"?,\"metadata.*", "$1");
                    return id + " " + data;
                }
            }
            return "end";
        }

        String line() {
            return lines.nextLine();
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
