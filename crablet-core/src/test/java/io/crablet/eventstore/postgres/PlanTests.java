package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many blocks reads and conditions look at in a log of 50,000 events, with the plan that a connection uses again and again. */
@ExtendWith(PostgresExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlanTests {

    private static final int EVENTS = 50_000;
    private static final int ENTITIES = EVENTS / 20;
    private static final Tag COMMON = Tag.of("log", "all");
    private static final Tag ALSO_COMMON = Tag.of("half", "1");
    private static final QueryItem RARE_TYPE = QueryItem.ofTypes("Rare");

    /** An index is three blocks deep, and an event may be in a block of its own. */
    private static final long FEW = 400;

    /** What the first look at a common tag costs: a hundred of its events, each found through the primary key. */
    private static final long SOME = 1_000;

    private final TestLog log;
    private final Connection connection;
    private final Explained explained;
    private final PostgresEventStore store;

    PlanTests(TestDatabase database) throws SQLException {
        log = new TestLog(database);
        connection = log.connect();
        explained = new Explained(connection);
        store = PostgresEventStore.builder(explained.dataSource())
                .schema(log.schema())
                .build();
    }

    @BeforeAll
    void fillLog() {
        log.execute("""
                insert into crablet_events (position, type, tags, data, metadata, occurred_at)
                select n, case when n in (20000, 49990) then 'Rare' else 'Type' || n %% 5 end,
                    array['log:all', 'entity:' || n %% %1$d, 'half:' || n / 25000], '{}', '{}', now()
                from generate_series(1, %2$d) n
                """.formatted(ENTITIES, EVENTS), """
                insert into crablet_event_tags (tag, position)
                select tag, position from crablet_events cross join lateral unnest(tags) as tag
                """, "analyze crablet_events, crablet_event_tags");
    }

    @AfterAll
    void closeLog() throws SQLException {
        connection.close();
        log.close();
    }

    private static Tag entity(int number) {
        return Tag.of("entity", Integer.toString(number));
    }

    private static Query twentyItems() {
        return Query.of(IntStream.range(0, 20)
                .mapToObj(n -> QueryItem.ofTypes("Type1", "Type2").withTags(entity(n)))
                .toList());
    }

    private long read(Query query, ReadOptions options) {
        return explained.buffers(() -> store.read(query, options));
    }

    static Stream<Query> queriesForFew() {
        return Stream.of(
                Query.ofTags(entity(7)),
                Query.of(RARE_TYPE),
                Query.ofTypes("Rare", "Unknown"),
                Query.of(QueryItem.ofTypes("Type2").withTags(entity(7))),
                Query.of(QueryItem.ofTags(entity(7), COMMON)),
                Query.of(QueryItem.ofTags(entity(7)), RARE_TYPE.withTags(entity(7))));
    }

    static Stream<Query> queriesByTheRarest() {
        return Stream.of(
                Query.of(QueryItem.ofTags(COMMON, entity(7))),
                Query.of(QueryItem.ofTags(COMMON, ALSO_COMMON, entity(7))),
                Query.of(RARE_TYPE.withTags(COMMON)),
                Query.of(RARE_TYPE.withTags(COMMON, ALSO_COMMON)),
                Query.of(RARE_TYPE.withTags(COMMON), QueryItem.ofTags(COMMON, entity(7))));
    }

    @ParameterizedTest
    @MethodSource("queriesForFew")
    void readingFewEventsLooksAtFewBlocks(Query query) {
        assertThat(read(query, ReadOptions.defaults())).isLessThan(FEW);
        assertThat(read(query, ReadOptions.defaults().withLimit(1).withBackwards()))
                .isLessThan(FEW);
    }

    @ParameterizedTest
    @MethodSource("queriesByTheRarest")
    void readingGoesByTheRarestTagOrType(Query query) {
        assertThat(read(query, ReadOptions.defaults())).isLessThan(SOME);
        assertThat(read(query, ReadOptions.defaults().withLimit(1).withBackwards()))
                .isLessThan(SOME);
    }

    static Stream<Query> wideQueries() {
        return Stream.of(
                Query.all(),
                Query.ofTypes("Type1"),
                Query.ofTypes("Type1", "Type2"),
                Query.ofTags(COMMON),
                Query.of(QueryItem.ofTypes("Type1").withTags(COMMON)),
                Query.of(QueryItem.ofTags(COMMON, ALSO_COMMON)),
                Query.of(QueryItem.ofTypes("Type1"), QueryItem.ofTags(COMMON, ALSO_COMMON)));
    }

    @ParameterizedTest
    @MethodSource("wideQueries")
    void theFirstPageOfAWideQueryIsNotTheWholeLog(Query query) {
        long page = explained.buffers(() -> {
            try (var events = store.stream(query, ReadOptions.defaults().withAfter(25_000))) {
                assertThat(events.limit(100)).hasSize(100);
            }
        });
        assertThat(page).isLessThan(4 * SOME);
        assertThat(read(query, ReadOptions.defaults().withLimit(1).withBackwards()))
                .isLessThan(SOME);
    }

    @Test
    void twentyAlternativesAreTwentyWalks() {
        assertThat(read(twentyItems(), ReadOptions.defaults())).isLessThan(20 * FEW);
    }

    private long accepted(Query query, long after) {
        Event event = Event.of("Appended", "{}");
        return explained.buffers(() ->
                store.append(List.of(event), new AppendCondition(query, Math.min(after, store.head()))));
    }

    private long refused(Query query, long after) {
        AppendCondition condition = new AppendCondition(query, after);
        return explained.buffers(() -> assertThatExceptionOfType(AppendConditionFailedException.class)
                .isThrownBy(() -> store.append(List.of(Event.of("Refused", "{}")), condition)));
    }

    static Stream<Query> allQueries() {
        return Stream.of(queriesForFew(), queriesByTheRarest(), wideQueries(), Stream.of(twentyItems()))
                .flatMap(queries -> queries);
    }

    @ParameterizedTest
    @MethodSource("allQueries")
    void aConditionFromTheHeadCostsWhatWasAppendedSince(Query query) {
        assertThat(accepted(query, Long.MAX_VALUE)).isLessThan(FEW);
        assertThat(refused(query, 0)).isLessThan(SOME + FEW);
    }

    static Stream<Query> queriesForNone() {
        Tag unknown = entity(ENTITIES);
        return Stream.of(
                Query.ofTags(unknown),
                Query.ofTypes("Unknown"),
                Query.of(QueryItem.ofTags(COMMON, unknown)),
                Query.of(QueryItem.ofTags(COMMON, ALSO_COMMON, unknown)),
                Query.of(QueryItem.ofTypes("Unknown").withTags(COMMON)),
                Query.of(RARE_TYPE.withTags(COMMON, unknown)),
                Query.of(QueryItem.ofTypes("Type1").withTags(COMMON, unknown)));
    }

    @ParameterizedTest
    @MethodSource("queriesForNone")
    void aConditionOnWhatDoesNotExistDoesNotLookForItEverywhere(Query query) {
        assertThat(accepted(query, 0)).isLessThan(SOME);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 25_000})
    void aConditionOnTwoCommonTagsGoesByTheOneThatIsRareWhereItLooks(long after) {
        Query never = Query.of(QueryItem.ofTags(Tag.of("half", "0"), Tag.of("half", "2")));
        assertThat(accepted(never, after)).isLessThan(SOME);
    }
}
