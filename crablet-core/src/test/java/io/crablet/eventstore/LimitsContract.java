package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.eventsOf;
import static io.crablet.eventstore.EventStoreContract.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What cannot be appended, each with an error that names the limit, and nothing written. */
interface LimitsContract extends EventStoreContract {

    String NUL = "a\u0000b";
    String HALF_A_PAIR = "a\uD83Db";
    String MEGABYTE = "x".repeat(1_048_576);

    private static void assertRefused(ThrowingCallable call, String... words) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContainingAll(words);
    }

    private void assertNotAppended(Event event, String... words) {
        assertRefused(() -> append(event("Good"), event), words);
        assertNothingWritten();
    }

    private static Set<Tag> tags(int count) {
        return new LinkedHashSet<>(IntStream.rangeClosed(1, count)
                .mapToObj(n -> Tag.of("tag", "t" + n))
                .toList());
    }

    @Test
    default void aTypeHasOneTo255Characters() {
        String longest = "x".repeat(Event.MAX_TYPE_LENGTH);
        assertRefused(() -> event(""), "type", "empty");
        assertRefused(() -> event(longest + "x"), "type", "256", "255");
        assertRefused(() -> QueryItem.ofTypes(""), "type", "empty");
        append(event(longest));
        assertThat(positions(Query.ofTypes(longest))).containsExactly(1L);
    }

    @Test
    default void aTagHasAKeyAndAValue() {
        assertRefused(() -> Tag.of("", "c1"), "key", "empty");
        assertRefused(() -> Tag.of("course", ""), "value", "empty");
        assertRefused(() -> Tag.of("a:b", "c"), "key", "colon");
        assertRefused(() -> Tag.parse("course"), "course", "key:value");
        assertRefused(() -> Tag.parse(":c1"), "key", "empty");
        assertRefused(() -> Tag.parse("course:"), "value", "empty");
    }

    @Test
    default void aTagIsAsLongAsAnIndexCanHold() {
        String value = new Random(1)
                .ints(Tag.MAX_BYTES - 2, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        Tag longest = Tag.of("k", value);
        append(event("A", longest));
        assertThat(positions(Query.ofTags(longest))).containsExactly(1L);
        assertRefused(() -> Tag.of("k", value + "x"), "2001", "2000");
        assertRefused(() -> Tag.of("k", "€".repeat(667)), "2003", "2000");
    }

    @Test
    default void anEventHas100TagsAtTheMost() {
        append(new Event("Tagged", tags(100), "{}", "{}"));
        assertThat(log().get(0).event().tags()).containsExactlyElementsOf(tags(100));
        assertRefused(() -> new Event("Tagged", tags(101), "{}", "{}"), "101", "100");
    }

    @Test
    default void nulCharactersAreRefused() {
        assertRefused(() -> event(NUL), "type", "NUL");
        assertRefused(() -> QueryItem.ofTypes(NUL), "type", "NUL");
        assertRefused(() -> Tag.of(NUL, "v"), "key", "NUL");
        assertRefused(() -> Tag.of("k", NUL), "value", "NUL");
        assertNotAppended(Event.of("A", "\"" + NUL + "\""), "data");
    }

    @Test
    default void halfASurrogatePairIsRefused() {
        assertRefused(() -> event(HALF_A_PAIR), "type", "surrogate");
        assertRefused(() -> event("\uDE00"), "type", "surrogate");
        assertRefused(() -> Tag.of(HALF_A_PAIR, "v"), "key", "surrogate");
        assertRefused(() -> Tag.of("k", HALF_A_PAIR), "value", "surrogate");
        assertNotAppended(Event.of("A", "\"" + HALF_A_PAIR + "\""), "data");
    }

    @Test
    default void dataIsJson() {
        List<String> notJson = List.of(
                "",
                " ",
                "{",
                "nope",
                "{} {}",
                "{'a':1}",
                "{\"a\":}",
                "{\"a\":1,}",
                "[1,]",
                "[1 2]",
                "NaN",
                "01",
                "+1",
                "\"a",
                "\"\t\"",
                "\"\\x\"",
                "\"\\u12\"",
                "// nothing\n1",
                "{a:1}",
                "tru",
                "1}",
                "\uFEFF1");
        assertThat(notJson)
                .allSatisfy(data -> assertRefused(() -> append(event("Good"), Event.of("A", data)), "data", "JSON"));
        assertNothingWritten();
    }

    @Test
    default void dataThatIsNestedTooDeeplyIsRefused() {
        assertNotAppended(Event.of("A", "[".repeat(100_000) + "]".repeat(100_000)), "data");
    }

    @Test
    default void metadataIsAJsonObject() {
        assertThat(List.of("", "[]", "1", "null", "\"{}\"", "{", "{} {}", "{\"a\"}"))
                .allSatisfy(metadata -> assertRefused(
                        () -> append(event("Good"), event("A").withMetadata(metadata)), "metadata", "JSON"));
        assertNothingWritten();
    }

    @Test
    default void anEventHasOneMegabyteAtTheMost() {
        assertNotAppended(Event.of("A", "\"" + MEGABYTE + "\""), "bytes", "limit");
    }

    @Test
    default void anEventsSizeIsCountedInBytes() {
        assertNotAppended(Event.of("A", "\"" + "€".repeat(400_000) + "\""), "bytes", "limit");
    }

    @Test
    default void metadataCountsForTheSizeToo() {
        assertNotAppended(event("A").withMetadata("{\"m\":\"" + MEGABYTE + "\"}"), "bytes", "limit");
    }

    @Test
    default void anEventJustBelowOneMegabyteIsStored() {
        Event large = Event.of("A", "\"" + "y".repeat(900_000) + "\"");
        append(large);
        assertThat(eventsOf(log())).containsExactly(large);
    }

    @Test
    default void anAppendHasAtLeastOneEvent() {
        assertRefused(() -> store().append(List.of()), "no event");
        AppendCondition condition = AppendCondition.failIfEventsMatch(Query.all());
        assertRefused(() -> store().append(List.of(), condition), "no event");
        assertNothingWritten();
    }

    @Test
    default void anAppendHasNoMoreEventsThanABatchMayHold() {
        assertRefused(() -> store().append(numbered(10_001)), "10001", "10000");
        assertNothingWritten();
    }

    @Test
    default void afterIsNotBeyondTheHead() {
        AppendCondition condition = AppendCondition.failIfEventsMatch(Query.ofTags(C1));
        assertRefused(() -> store().append(List.of(event("A")), condition.after(1)), "after", "1", "head", "0");
        assertNothingWritten();
        assertRefused(() -> store().append(List.of(event("A")), condition.after(2)), "after", "2", "head", "1");
        assertRefused(() -> store().append(List.of(event("A", C1)), condition.after(Long.MAX_VALUE)), "after", "head");
        assertThat(store().append(List.of(event("A")), condition.after(1))).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    default void aQueryAsksForSomething() {
        assertRefused(() -> Query.of(List.of()), "item", "Query.all()");
        assertRefused(() -> new QueryItem(Set.of(), Set.of()), "type", "tag", "Query.all()");
        assertRefused(QueryItem::ofTypes, "type", "tag");
        assertRefused(Query::ofTags, "type", "tag");
    }
}
