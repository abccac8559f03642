package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueryShapeTests {

    @Test
    void itShowsTypesAndTheKeysOfTagsButNeverTheirValues() {
        Query query = Query.of(
                QueryItem.ofTypes("StudentSubscribed", "CourseDefined")
                        .withTags(Tag.of("student", "Ada"), Tag.of("course", "c1"), Tag.of("course", "c2")),
                QueryItem.ofTags(Tag.of("email", "ada@example.org")));
        assertThat(QueryShape.of(query)).isEqualTo("CourseDefined|StudentSubscribed{course,student} or {email}");
        assertThat(QueryShape.of(Query.ofTypes("A"))).isEqualTo("A");
        assertThat(QueryShape.of(Query.all())).isEqualTo("all");
    }

    @Test
    void theOrderOfTypesTagsAndItemsMakesNoDifference() {
        QueryItem a = QueryItem.ofTypes("A", "B").withTags(Tag.of("x", "1"), Tag.of("y", "2"));
        QueryItem sameAsA = QueryItem.ofTypes("B", "A").withTags(Tag.of("y", "3"), Tag.of("x", "4"));
        QueryItem other = QueryItem.ofTypes("C");
        assertThat(QueryShape.of(Query.of(a, other)))
                .isEqualTo(QueryShape.of(Query.of(other, sameAsA)))
                .isEqualTo("A|B{x,y} or C");
    }

    @Test
    void itemsThatLookAlikeAreShownOnce() {
        assertThat(QueryShape.of(Query.of(courses(20)))).isEqualTo("{course}");
        assertThat(QueryShape.of(Query.of(courses(21)))).isEqualTo("{course}…");
        assertThat(QueryShape.of(Query.of(courses(5_000)))).isEqualTo("{course}…");
    }

    private static List<QueryItem> courses(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> QueryItem.ofTags(Tag.of("course", "c" + n)))
                .toList();
    }

    @Test
    void ofManyNamesOnlySomeAreShown() {
        assertThat(QueryShape.of(Query.ofTypes("D", "C", "B", "A"))).isEqualTo("A|B|C|…");
        assertThat(QueryShape.of(Query.ofTags(Tag.of("d", "1"), Tag.of("c", "1"), Tag.of("b", "1"), Tag.of("a", "1"))))
                .isEqualTo("{a,b,c,…}");
        assertThat(QueryShape.of(Query.of(IntStream.rangeClosed(1, 4)
                        .mapToObj(n -> QueryItem.ofTypes("T" + n))
                        .toList())))
                .isEqualTo("T1 or T2 or T3 or …");
    }

    @Test
    void itIsShortAndInOneLine() {
        assertThat(QueryShape.of(Query.ofTypes("x".repeat(255)))).hasSize(120).endsWith("x…");
        assertThat(QueryShape.of(Query.ofTypes("😀".repeat(100)))).isEqualTo("😀".repeat(59) + "…");
        assertThat(QueryShape.of(Query.ofTypes("two\nlines"))).isEqualTo("two?lines");
    }
}
