package io.crablet.eventstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.RandomEvents;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.Tag;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several requests in one call: each is judged as if those before it had been committed. */
@ExtendWith(PostgresExtension.class)
class BatchTests {

    private static final Tag C1 = Tag.of("course", "c1");
    private static final Tag C2 = Tag.of("course", "c2");
    private static final Tag S1 = Tag.of("student", "s1");
    private static final AppendOutcome FIRST = appended(1, 1);

    private final TestDatabase database;
    private final TestLog log;

    BatchTests(TestDatabase database) {
        this.database = database;
        this.log = new TestLog(database);
    }

    @AfterEach
    void closeLog() {
        log.backends().assertNothingHeld();
        log.close();
    }

    private static List<AppendOutcome> send(TestLog log, List<AppendRequest> requests) {
        try (Connection connection = log.pool().getConnection()) {
            return new AppendCall(Identifier.quote(log.schema()))
                    .send(connection, requests, Duration.ofSeconds(5), () -> {});
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<AppendOutcome> send(AppendRequest... requests) {
        return send(log, List.of(requests));
    }

    private static AppendRequest request(Event event) {
        return new AppendRequest(List.of(event), 4, null);
    }

    private static AppendRequest request(Event event, long after, QueryItem... failIfAny) {
        return new AppendRequest(List.of(event), 4, new AppendCondition(Query.of(failIfAny), after));
    }

    private static Event event(String type, Tag... tags) {
        return Event.of(type, "{}", tags);
    }

    private static AppendOutcome appended(long first, long last) {
        return new AppendOutcome.Appended(new AppendResult(first, last));
    }

    private static AppendOutcome violated(int item, long position, String type) {
        return new AppendOutcome.Violated(item, position, type);
    }

    private static List<SequencedEvent> events(TestLog log) {
        return log.store().read(Query.all()).events();
    }

    @Test
    void aRequestIsRefusedForAnEventOfOneBeforeIt() {
        QueryItem onC1 = QueryItem.ofTags(C1);
        assertThat(send(request(event("A", C1), 0, onC1), request(event("B", C1), 0, onC1), request(event("C", C2))))
                .containsExactly(FIRST, violated(0, 1, "A"), appended(2, 2));
        assertThat(events(log)).extracting(each -> each.event().type()).containsExactly("A", "C");
    }

    @Test
    void theSameTagWithAnotherTypeIsNoConflict() {
        assertThat(send(
                        request(event("A", C1)),
                        request(event("B", C1), 0, QueryItem.ofTypes("B").withTags(C1)),
                        request(event("C", C1), 0, QueryItem.ofTypes("C", "B").withTags(C1))))
                .containsExactly(FIRST, appended(2, 2), violated(0, 2, "B"));
    }

    @Test
    void anItemWithTwoTagsIsMatchedByBothOnly() {
        QueryItem both = QueryItem.ofTags(C1, S1);
        assertThat(send(
                        request(event("A", C1)),
                        request(event("B", S1)),
                        request(event("C", C1, S1), 0, both),
                        request(event("D"), 0, both)))
                .containsExactly(FIRST, appended(2, 2), appended(3, 3), violated(0, 3, "C"));
    }

    @Test
    void anItemWithoutTagsIsMatchedByItsTypes() {
        assertThat(send(
                        request(event("A", C1)),
                        request(event("B"), 0, QueryItem.ofTypes("B", "C")),
                        request(event("C"), 0, QueryItem.ofTypes("C", "B"))))
                .containsExactly(FIRST, appended(2, 2), violated(0, 2, "B"));
    }

    @Test
    void aConditionOnAllIsMatchedByAnythingBeforeIt() {
        AppendCondition none = AppendCondition.failIfEventsMatch(Query.all());
        assertThat(send(
                        new AppendRequest(List.of(event("A")), 4, none),
                        new AppendRequest(List.of(event("B")), 4, none),
                        new AppendRequest(List.of(event("C")), 4, none.after(1)),
                        new AppendRequest(List.of(event("D")), 4, none.after(1))))
                .containsExactly(FIRST, violated(0, 1, "A"), appended(2, 2), violated(0, 2, "C"));
    }

    @Test
    void theFirstOfTheItemsThatIsMatchedIsNamed() {
        assertThat(send(
                        request(event("A", C1)),
                        request(event("B", C2)),
                        request(event("C"), 0, QueryItem.ofTypes("X"), QueryItem.ofTags(C2), QueryItem.ofTags(C1)),
                        request(event("D"), 0, QueryItem.ofTypes("A").withTags(C2), QueryItem.ofTypes("X"))))
                .containsExactly(FIRST, appended(2, 2), violated(1, 2, "B"), appended(3, 3));
    }

    @Test
    void aConditionCountsFromItsAfterBeforeAtOrBehindTheStartOfTheBatch() {
        log.store().append(List.of(event("Old", C1), event("Old", C2)));
        QueryItem onC1 = QueryItem.ofTags(C1);
        assertThat(send(
                        request(event("A", C1), 0, onC1),
                        request(event("B", C1), 1, onC1),
                        request(event("C", C1), 2, onC1),
                        request(event("D", C1), 3, onC1),
                        request(event("E", C1), 5, onC1),
                        request(event("F", C1), 4, onC1)))
                .containsExactly(
                        violated(0, 1, "Old"),
                        appended(3, 3),
                        violated(0, 3, "B"),
                        appended(4, 4),
                        new AppendOutcome.BeyondHead(4),
                        appended(5, 5));
    }

    @Test
    void theEventsOfARefusedRequestCountForNobody() {
        log.store().append(List.of(event("Old", C1)));
        QueryItem onC2 = QueryItem.ofTags(C2);
        assertThat(send(
                        request(event("A", C2), 0, QueryItem.ofTags(C1)),
                        request(event("B", C2), 0, onC2),
                        request(event("C", C2), 0, onC2)))
                .containsExactly(violated(0, 1, "Old"), appended(2, 2), violated(0, 2, "B"));
    }

    @Test
    void aRequestDoesNotMatchItsOwnEvents() {
        AppendCondition condition = AppendCondition.failIfEventsMatch(Query.ofTags(C1));
        List<Event> twice = List.of(event("A", C1), event("B", C1));
        assertThat(send(log, List.of(request(event("X")), new AppendRequest(twice, 8, condition))))
                .containsExactly(FIRST, appended(2, 3));
    }

    @Test
    void anyBatchIsJudgedAsItsRequestsOneAfterTheOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RandomEvents source = new RandomEvents(random, 4, 4);
        try (TestLog other = new TestLog(database)) {
            int head = 0;
            int refused = 0;
            for (int batch = 0; batch < 60; batch++) {
                int start = head;
                List<AppendRequest> requests = IntStream.rangeClosed(1, 1 + random.nextInt(12))
                        .mapToObj(n -> new AppendRequest(
                                source.events(3, Integer.toString(n)),
                                0,
                                random.nextInt(5) == 0
                                        ? null
                                        : new AppendCondition(
                                                source.query(), Math.max(0, start - 2 + random.nextInt(6)))))
                        .toList();

                List<AppendOutcome> together = send(log, requests);

                List<AppendOutcome> alone = new ArrayList<>();
                requests.forEach(each -> alone.addAll(send(other, List.of(each))));
                assertThat(together)
                        .as("seed %d, batch %d: %s", seed, batch, requests)
                        .isEqualTo(alone);
                for (AppendOutcome outcome : together) {
                    if (outcome instanceof AppendOutcome.Appended accepted) {
                        head = Math.toIntExact(accepted.result().head());
                    } else {
                        refused++;
                    }
                }
            }
            assertThat(head).isGreaterThan(50);
            assertThat(refused).isGreaterThan(50);
            assertThat(events(log))
                    .usingRecursiveComparison()
                    .ignoringFields("occurredAt")
                    .isEqualTo(events(other));
        }
    }

    @Test
    void tagsThatManyEventsHaveAreLookedThroughToTheEnd() {
        Tag all = Tag.of("tenant", "t1");
        List<Event> events = IntStream.rangeClosed(1, 1_000)
                .mapToObj(n -> n % 300 == 0 ? event("Third", all, C1) : event(n == 950 ? "Rare" : "A", C2, all))
                .toList();
        log.store().append(events);
        assertThat(send(
                        request(event("X"), 0, QueryItem.ofTags(all, C1)),
                        request(event("X"), 300, QueryItem.ofTags(C1, all)),
                        request(event("X"), 900, QueryItem.ofTags(all, C1)),
                        request(event("X"), 0, QueryItem.ofTypes("Rare").withTags(all)),
                        request(
                                event("X"),
                                0,
                                QueryItem.ofTypes("Rare", "Third").withTags(all)),
                        request(event("X"), 0, QueryItem.ofTypes("Rare", "A").withTags(all, C1)),
                        request(event("X"), 0, QueryItem.ofTags(C2, C1))))
                .containsExactly(
                        violated(0, 300, "Third"),
                        violated(0, 600, "Third"),
                        appended(1_001, 1_001),
                        violated(0, 950, "Rare"),
                        violated(0, 300, "Third"),
                        appended(1_002, 1_002),
                        appended(1_003, 1_003));
    }
}
