package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.eventsOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Attempt.Request;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Texts come back as they were given, and are found by it. */
interface RoundTripContract extends EventStoreContract {

    /** Each differs from all others, some by very little. */
    List<String> NASTY_TEXTS = List.of(
            ",",
            "a,b",
            "a",
            "b",
            "{",
            "}",
            "{}",
            "{a,b}",
            "{\"a\",\"b\"}",
            "\"",
            "\"a\"",
            "'",
            "''",
            "\\",
            "\\\\",
            "\\\"",
            "\\n",
            "\n",
            "\r\n",
            "\t",
            "=",
            "a=b",
            "==",
            ":",
            "::",
            "a:b",
            ":a",
            " ",
            "  ",
            " a",
            "a ",
            "NULL",
            "null",
            "\"NULL\"",
            "%",
            "_",
            "?",
            "??",
            "$1",
            "{?}",
            "A",
            "é",
            "e\u0301",
            "ä",
            "ß",
            "ẞ",
            "İ",
            "\u00A0",
            "\u200B",
            "\uFEFF",
            "\uFFFD",
            "\uFFFF",
            "\u0001",
            "\u007F",
            "😀",
            "👩‍👩‍👧",
            "\uDBFF\uDFFF",
            "漢字",
            "عربى",
            "'; drop table crablet_events; --",
            "(a)",
            "[1]",
            "[0:1]={a,b}",
            "\\x41",
            "\\u0041",
            "1",
            "01",
            "1.0",
            "true");

    /** All the same value to a parser, or close to it; none the same text. */
    List<String> EXACT_JSON = List.of(
            "{}",
            " {} ",
            "{ }",
            "\n{\n}\n",
            "\t[]\r\n",
            "null",
            "true",
            "false",
            "\"\"",
            "0",
            "-0",
            "1",
            "1.0",
            "1.00",
            "1e0",
            "1E+0",
            "0.1e1",
            "12345678901234567890123456789012345678901234567890",
            "1e400",
            "-1.5e-400",
            "0.1000000000000000055511151231257827021181583404541015625",
            "{\"b\":1,\"a\":2}",
            "{\"a\":2,\"b\":1}",
            "{\"a\":1,\"a\":2}",
            "{\"a\" :1}",
            "\"\\u0041\"",
            "\"A\"",
            "\"\\u00e9\"",
            "\"\\u00E9\"",
            "\"é\"",
            "\"\\/\"",
            "\"/\"",
            "\"\\\\\"",
            "\"\\\"\"",
            "\"\\n\"",
            "\"\\ud83d\\ude00\"",
            "\"😀\"",
            "\"\\u0000\"",
            "\"\\ud83d\"",
            "\"\u2028\"",
            "[1,[2,[3,{\"a\":[{}]}]]]",
            "{\"\":0}",
            "{\"\":{\"\":{}}}",
            "[\"$1\",\"?\",\"{}\",\"'\"]",
            "9".repeat(3_000),
            "{\"" + "k".repeat(60_000) + "\":1}",
            "[".repeat(300) + "]".repeat(300));

    @Test
    default void tagValuesComeBackExactly() {
        List<Event> events = NASTY_TEXTS.stream()
                .map(text -> event("A", Tag.of("key", text), Tag.of("other", "x" + text)))
                .toList();
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
    }

    @Test
    default void tagKeysComeBackExactly() {
        List<Event> events = NASTY_TEXTS.stream()
                .filter(text -> text.indexOf(':') < 0)
                .map(text -> event("A", Tag.of(text, "value")))
                .toList();
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
    }

    @Test
    default void typesComeBackExactlyAndAreFound() {
        List<Event> events = NASTY_TEXTS.stream().map(EventStoreContract::event).toList();
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
        for (int i = 0; i < events.size(); i++) {
            assertThat(positions(Query.ofTypes(NASTY_TEXTS.get(i), "no such type")))
                    .containsExactly(i + 1L);
        }
    }

    @Test
    default void eachTagValueIsFoundAndGuardedByItself() {
        for (int i = 0; i < NASTY_TEXTS.size(); i++) {
            Tag tag = Tag.of("key", NASTY_TEXTS.get(i));
            Request request =
                    new Request(List.of(event("A", tag)), AppendCondition.failIfEventsMatch(Query.ofTags(tag)));
            assertThat(request.send(store()).isAccepted())
                    .as("no event yet with %s", tag)
                    .isTrue();
            assertThat(request.send(store()).violation())
                    .isEqualTo(new ModelLog.Violation(QueryItem.ofTags(tag), i + 1));
            assertThat(positions(Query.ofTags(tag))).containsExactly(i + 1L);
        }
    }

    @Test
    default void manyNastyTagsAreOneEvent() {
        Set<Tag> tags = new LinkedHashSet<>(
                NASTY_TEXTS.stream().map(text -> Tag.of("key", text)).toList());
        append(new Event("A", tags, "{}", "{}"));
        assertThat(log().get(0).event().tags()).containsExactlyElementsOf(tags);
        assertThat(positions(Query.of(new QueryItem(Set.of(), tags)))).containsExactly(1L);
    }

    @Test
    default void tagsKeepTheirOrder() {
        append(event("A", S2, C1, S1, C2), event("A", C2, S1, C1, S2));
        assertThat(log().get(0).event().tags()).containsExactly(S2, C1, S1, C2);
        assertThat(log().get(1).event().tags()).containsExactly(C2, S1, C1, S2);
    }

    @Test
    default void aTagGivenTwiceCountsOnce() {
        append(event("A", C1, C1));
        assertThat(log().get(0).event().tags()).containsExactly(C1);
        assertThat(positions(Query.ofTags(C1))).containsExactly(1L);
    }

    @Test
    default void dataComesBackAsWritten() {
        List<Event> events =
                EXACT_JSON.stream().map(json -> Event.of("A", json)).toList();
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
    }

    @Test
    default void metadataComesBackAsWritten() {
        List<Event> events = EXACT_JSON.stream()
                .map(json -> event("A").withMetadata(" {\"m\" : " + json + ", \"m\":1}\n"))
                .toList();
        store().append(events);
        assertThat(eventsOf(log())).isEqualTo(events);
        assertThat(store().stream(Query.all()).map(SequencedEvent::event).toList())
                .isEqualTo(events);
    }

    @Test
    default void theSameInOneAppendAndInMany() {
        List<Event> events = new ArrayList<>();
        NASTY_TEXTS.forEach(text -> events.add(event(text, Tag.of("key", text))));
        EXACT_JSON.forEach(json -> events.add(Event.of("A", json)));
        events.forEach(this::append);
        store().append(events);
        List<Event> log = eventsOf(log());
        assertThat(log.subList(0, events.size())).isEqualTo(events);
        assertThat(log.subList(events.size(), log.size())).isEqualTo(events);
        assertThat(positions(Query.all()))
                .isEqualTo(LongStream.rangeClosed(1, 2L * events.size()).boxed().toList());
    }
}
