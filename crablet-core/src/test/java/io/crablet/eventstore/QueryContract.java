package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which events a query means. */
interface QueryContract extends EventStoreContract {

    private void appendAllKinds() {
        appendOneByOne(
                event("Defined", C1),
                event("Defined", C2),
                event("Subscribed", C1, S1),
                event("Subscribed", C1, S2),
                event("Subscribed", C2, S1),
                event("Closed"));
    }

    @Test
    default void allMeansEveryEvent() {
        appendAllKinds();
        assertThat(positions(Query.all())).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    default void anEventMatchesAnyOfTheTypes() {
        appendAllKinds();
        assertThat(positions(Query.ofTypes("Closed", "Defined"))).containsExactly(1L, 2L, 6L);
    }

    @Test
    default void anEventMatchesAllOfTheTags() {
        appendAllKinds();
        assertThat(positions(Query.ofTags(S1))).containsExactly(3L, 5L);
        assertThat(positions(Query.ofTags(S1, C1))).containsExactly(3L);
        assertThat(positions(Query.ofTags(C1, S1))).containsExactly(3L);
        assertThat(positions(Query.ofTags(C1, C2))).isEmpty();
    }

    @Test
    default void anEventMatchesAnyOfTheTypesAndAllOfTheTags() {
        appendAllKinds();
        assertThat(positions(Query.of(
                        QueryItem.ofTypes("Subscribed", "Defined", "Closed").withTags(C1))))
                .containsExactly(1L, 3L, 4L);
        assertThat(positions(Query.of(QueryItem.ofTypes("Defined").withTags(C1, S1))))
                .isEmpty();
    }

    @Test
    default void itemsAreAlternatives() {
        appendAllKinds();
        assertThat(positions(Query.of(
                        QueryItem.ofTypes("Subscribed").withTags(S2),
                        QueryItem.ofTypes("Defined").withTags(C2),
                        QueryItem.ofTypes("Closed"))))
                .containsExactly(2L, 4L, 6L);
    }

    @Test
    default void anEventThatMatchesSeveralItemsComesOnce() {
        appendAllKinds();
        assertThat(positions(Query.of(
                        QueryItem.ofTypes("Subscribed"),
                        QueryItem.ofTags(S1),
                        QueryItem.ofTags(C1, S1),
                        QueryItem.ofTypes("Subscribed").withTags(C1))))
                .containsExactly(3L, 4L, 5L);
    }

    @Test
    default void whatNobodyAppendedIsNotFound() {
        appendAllKinds();
        assertThat(store().read(Query.ofTypes("Unknown"))).isEqualTo(new ReadResult(List.of(), 6));
        assertThat(store().read(Query.ofTags(Tag.of("course", "c3")))).isEqualTo(new ReadResult(List.of(), 6));
    }

    @Test
    default void typesAndTagsAreComparedExactly() {
        append(event("Type_A", Tag.of("key", "Value_%")));
        assertThat(List.of("type_a", "Type%", "TypeXA", "Type_A ", "Type"))
                .allSatisfy(type -> assertThat(positions(Query.ofTypes(type))).isEmpty());
        assertThat(List.of("key:value_%", "key:ValueX%", "key:%", "Key:Value_%", "key:Value_% ", "ke:y:Value_%"))
                .allSatisfy(tag ->
                        assertThat(positions(Query.ofTags(Tag.parse(tag)))).isEmpty());
        assertThat(positions(Query.of(QueryItem.ofTypes("Type_A").withTags(Tag.of("key", "Value_%")))))
                .containsExactly(1L);
    }

    @Test
    default void manyItemsTypesAndTagsAreOneQuery() {
        Set<Tag> tags = new LinkedHashSet<>(IntStream.rangeClosed(1, Event.MAX_TAGS)
                .mapToObj(n -> Tag.of("tag", "t" + n))
                .toList());
        append(event("Other"), new Event("Tagged", tags, "{}", "{}"));
        List<QueryItem> items = IntStream.rangeClosed(1, 200)
                .mapToObj(n -> QueryItem.ofTypes("Type" + n, "Also" + n).withTags(Tag.of("tag", "t" + n)))
                .toList();
        assertThat(positions(Query.of(items))).isEmpty();
        assertThat(positions(Query.of(items).or(Query.of(new QueryItem(Set.of(), tags)))))
                .containsExactly(2L);
    }
}
