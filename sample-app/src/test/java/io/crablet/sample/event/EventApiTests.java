package io.crablet.sample.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Tag;
import io.crablet.sample.SampleTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class EventApiTests {

    private static final int SEVERAL_PAGES = 3_000;

    @Autowired
    RestTestClient client;

    @Autowired
    EventStore store;

    private final String id = UUID.randomUUID().toString();
    private final Tag tag = Tag.of("test", id);

    @Test
    void anEventIsOneLineWithItsDataAsItWasWritten() {
        String data = "{ \"b\" : 1.50,  \"a\": \"🚀 \\u00e9\", \"b\":2e3 }";
        long position = append(Event.of("Thing ✨", data, tag).withMetadata("{\"by\" : \"me\"}"));

        String line = single(get("tag={tag}", tag.toString()));

        assertThat(line)
                .startsWith("{\"position\":" + position + ",\"occurredAt\":\"20")
                .endsWith("Z\",\"type\":\"Thing ✨\",\"tags\":[\"" + tag + "\"],\"data\":" + data
                        + ",\"metadata\":{\"by\" : \"me\"}}");
    }

    @Test
    void dataOfSeveralLinesIsStillOneLine() {
        append(Event.of("Thing", "{\r\n  \"a\": \"x\\ny\"\n}", tag));

        String line = single(get("tag={tag}", tag.toString()));

        assertThat(line).contains("\"data\":{    \"a\": \"x\\ny\" }");
        assertThat(JsonPath.<String>read(line, "$.data.a")).isEqualTo("x\ny");
    }

    @Test
    void anyOfTheTypesAndAllOfTheTagsAreAskedFor() {
        Tag other = Tag.of("other", id);
        append(Event.of("A", "1", tag, other));
        append(Event.of("B", "2", tag, other));
        append(Event.of("C", "3", tag, other));
        append(Event.of("A", "4", tag));

        assertThat(data(get("tag={tag}", tag))).containsExactly("1", "2", "3", "4");
        assertThat(data(get("tag={tag}&tag={other}", tag, other))).containsExactly("1", "2", "3");
        assertThat(data(get("type=A&type=B&tag={tag}&tag={other}", tag, other))).containsExactly("1", "2");
        assertThat(data(get("type=A&tag={tag}", tag))).containsExactly("1", "4");
    }

    @Test
    void aTagMayHoldWhatSeparatesOtherThings() {
        Tag odd = Tag.of("odd", "a,b:c&d=e +%20 {\"\\} " + id);
        append(Event.of("A", "1", odd));

        assertThat(data(get("tag={tag}", odd))).containsExactly("1");
    }

    @Test
    void aftersAndLimitsCutAPart() {
        long first = append(Event.of("A", "1", tag));
        append(Event.of("A", "2", tag));
        append(Event.of("A", "3", tag));

        assertThat(data(get("tag={tag}&after=" + first, tag))).containsExactly("2", "3");
        assertThat(data(get("tag={tag}&after=" + first + "&limit=1", tag))).containsExactly("2");
        assertThat(data(get("tag={tag}&limit=2", tag))).containsExactly("1", "2");
        assertThat(data(get("tag={tag}&after=99999999999", tag))).isEmpty();
    }

    @Test
    void aParameterWithoutAValueCountsAsNotGiven() {
        append(Event.of("A", "1", tag));

        assertThat(data(get("type=&tag={tag}&after=&limit=", tag))).containsExactly("1");
    }

    @Test
    void withoutParametersEveryEventIsSent() {
        long last = append(Event.of("A", "1", tag));

        List<String> lines = get("");

        assertThat(lines).hasSize((int) last);
        assertThat(lines.get(lines.size() - 1)).startsWith("{\"position\":" + last + ",");
    }

    @Test
    void moreThanOnePageIsSent() {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < SEVERAL_PAGES; i++) {
            events.add(Event.of("Many", Integer.toString(i), tag));
        }
        for (int from = 0; from < SEVERAL_PAGES; from += 500) {
            store.append(events.subList(from, from + 500));
        }

        List<String> sent = data(get("tag={tag}", tag));

        assertThat(sent).isEqualTo(events.stream().map(Event::data).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tag=course             | tag 'course' is not of the form key:value
            tag=:c1                | tag key is empty
            tag=course:            | tag value is empty
            after=x                | after is 'x', which is not a whole number
            after=-1               | after is -1; positions begin at 1, and 0 is before all
            after=1&after=2        | after is given 2 times
            limit=0                | limit is 0, it has to be at least 1
            limit=1.5              | limit is '1.5', which is not a whole number
            limit=99999999999999999999 | limit is '99999999999999999999', which is not a whole number
            tpye=A                 | Unknown parameter 'tpye'; there are type, tag, after and limit
            """)
    void aParameterThatIsNotValidIsRefused(String query, String detail) {
        for (MediaType accepted : List.of(MediaType.ALL, MediaType.TEXT_EVENT_STREAM)) {
            client.get()
                    .uri("/events?" + query)
                    .accept(accepted, MediaType.APPLICATION_PROBLEM_JSON)
                    .exchange()
                    .expectStatus()
                    .isBadRequest()
                    .expectHeader()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .expectBody()
                    .jsonPath("$.detail")
                    .isEqualTo(detail);
        }
    }

    @Test
    void aTypeThatNoEventCanHaveIsRefused() {
        client.get()
                .uri("/events?type={type}", "a\0b")
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("event type holds a NUL character at index 1, which PostgreSQL cannot store");
    }

    private long append(Event event) {
        return store.append(List.of(event)).lastPosition();
    }

    private List<String> get(String query, Object... variables) {
        byte[] body = client.get()
                .uri(uri -> uri.path("/events").query(query).build(variables))
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(MediaType.APPLICATION_NDJSON)
                .expectBody()
                .returnResult()
                .getResponseBody();
        return body == null
                ? List.of()
                : new String(body, StandardCharsets.UTF_8).lines().toList();
    }

    private static String single(List<String> lines) {
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private static List<String> data(List<String> lines) {
        return lines.stream()
                .map(line -> JsonPath.<Object>read(line, "$.data").toString())
                .toList();
    }
}
