package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.Attempt.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Appends with conditions at the same moment. Each case is raced many times, each time about other tags and types. */
interface ConcurrencyContract extends EventStoreContract {

    int ROUNDS = 25;

    private List<Attempt> race(List<Request> requests) {
        return Race.run(
                requests.stream().map(request -> request.toSend(store())).toList());
    }

    /** Races what the function returns for each round; as many as told have to win each, and the log has to be right. */
    private void race(int winners, IntFunction<List<Request>> requests) {
        List<Attempt> attempts = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            List<Request> shuffled = new ArrayList<>(requests.apply(round));
            Collections.shuffle(shuffled);
            List<Attempt> ofRound = race(shuffled);
            assertThat(ofRound).filteredOn(Attempt::isAccepted).hasSize(winners);
            attempts.addAll(ofRound);
        }
        ReplayOracle.check(log(), attempts);
    }

    private static Request request(Event event, QueryItem... failIf) {
        return new Request(List.of(event), AppendCondition.failIfEventsMatch(Query.of(failIf)));
    }

    private static Tag tag(String key, int round) {
        return Tag.of(key, "r" + round);
    }

    @Test
    default void ofIdenticalConditionsOneWins() {
        race(1, round -> {
            QueryItem item = QueryItem.ofTypes("Defined").withTags(tag("course", round));
            return Collections.nCopies(8, request(event("Defined", tag("course", round)), item));
        });
    }

    @Test
    default void ofIdenticalConditionsOnATagOneWins() {
        race(1, round -> {
            QueryItem item = QueryItem.ofTags(tag("course", round));
            return Collections.nCopies(8, request(event("Defined", tag("course", round)), item));
        });
    }

    @Test
    default void ofIdenticalConditionsOnATypeOneWins() {
        race(1, round -> {
            QueryItem item = QueryItem.ofTypes("Defined" + round);
            return Collections.nCopies(8, request(event("Defined" + round), item));
        });
    }

    @Test
    default void ofConditionsOnAllEventsOneWins() {
        race(1, round -> {
            AppendCondition condition =
                    AppendCondition.failIfEventsMatch(Query.all()).after(store().head());
            return Collections.nCopies(8, new Request(numbered(2), condition));
        });
    }

    @Test
    default void ofATypeAndATagOneWins() {
        race(1, round -> {
            Event event = event("Defined" + round, tag("course", round));
            return List.of(
                    request(event, QueryItem.ofTypes("Defined" + round)),
                    request(event, QueryItem.ofTags(tag("course", round))));
        });
    }

    @Test
    default void ofOneTagAndTwoOneWins() {
        race(1, round -> {
            Tag course = tag("course", round);
            Tag student = tag("student", round);
            Event event = event("Subscribed", course, student);
            return List.of(
                    request(event, QueryItem.ofTags(course)),
                    request(event, QueryItem.ofTags(student, course)),
                    request(event, QueryItem.ofTypes("Subscribed").withTags(student)));
        });
    }

    @Test
    default void ofAlternativesWithOtherTypesAndTagsOneWins() {
        race(1, round -> {
            Tag course = tag("course", round);
            Tag student = tag("student", round);
            return List.of(
                    request(
                            event("Subscribed", course, student),
                            QueryItem.ofTypes("Closed").withTags(course),
                            QueryItem.ofTypes("Left").withTags(student)),
                    request(
                            event("Closed", course),
                            QueryItem.ofTypes("Unknown"),
                            QueryItem.ofTypes("Subscribed").withTags(course)));
        });
    }

    @Test
    default void oneCannotSlipPastTheOther() {
        race(
                1,
                round -> List.of(
                        request(
                                event("A", tag("k", round)),
                                QueryItem.ofTypes("B").withTags(tag("k", round))),
                        request(
                                event("B", tag("k", round)),
                                QueryItem.ofTypes("A").withTags(tag("k", round)))));
    }

    @Test
    default void thoseThatShareATagButNotTheTypeBothWin() {
        race(
                2,
                round -> List.of(
                        request(
                                event("A", tag("k", round)),
                                QueryItem.ofTypes("A").withTags(tag("k", round))),
                        request(
                                event("B", tag("k", round)),
                                QueryItem.ofTypes("B").withTags(tag("k", round)))));
    }

    @Test
    default void thoseThatHaveNothingInCommonAllWin() {
        race(
                8,
                round -> Stream.of("a", "b", "c", "d", "e", "f", "g", "h")
                        .map(key -> request(event("Defined", tag(key, round)), QueryItem.ofTags(tag(key, round))))
                        .toList());
    }

    @Test
    default void anUnconditionalAppendIsSeenByAConditionalOneOrComesAfterIt() {
        List<Attempt> attempts = new ArrayList<>();
        for (int round = 1; round <= 2 * ROUNDS; round++) {
            Event event = event("Defined", tag("course", round));
            attempts.addAll(race(List.of(
                    new Request(List.of(event), null), request(event, QueryItem.ofTags(tag("course", round))))));
        }
        ReplayOracle.check(log(), attempts);
    }

    @Test
    default void appendsOfSeveralEventsDoNotMix() {
        List<Attempt> attempts = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            attempts.addAll(race(Stream.iterate(1, n -> n + 1)
                    .limit(16)
                    .map(n -> new Request(numbered(n), null))
                    .toList()));
        }
        assertThat(attempts).allMatch(Attempt::isAccepted);
        ReplayOracle.check(log(), attempts);
    }

    @Test
    default void aLimitedNumberIsNeverExceeded() {
        int capacity = 30;
        AtomicInteger students = new AtomicInteger();
        Projector<Integer> subscribed =
                Projector.of(Query.of(QueryItem.ofTypes("Subscribed").withTags(C1)), 0, (count, event) -> count + 1);
        Callable<Integer> subscriber = () -> {
            int successes = 0;
            for (int i = 0; i < 20; i++) {
                Tag student = Tag.of("student", "s" + students.incrementAndGet());
                successes += subscribe(subscribed, capacity, student) ? 1 : 0;
            }
            return successes;
        };

        List<Integer> successes = Race.run(Collections.nCopies(10, subscriber));

        assertThat(successes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(capacity);
        assertThat(positions(Query.ofTags(C1))).hasSize(capacity);
    }

    private boolean subscribe(Projector<Integer> subscribed, int capacity, Tag student) {
        while (true) {
            DecisionModel model = store().project(subscribed);
            if (model.state(subscribed) >= capacity) {
                return false;
            }
            Request request = new Request(List.of(event("Subscribed", C1, student)), model.appendCondition());
            if (request.send(store()).isAccepted()) {
                return true;
            }
        }
    }

    /** Runs a reader until four writers have ended, twice at least, and then once more. */
    private void whileOthersAppend(Runnable reader) {
        CountDownLatch writing = new CountDownLatch(4);
        AtomicInteger runs = new AtomicInteger();
        List<Callable<Boolean>> threads = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            threads.add(() -> {
                for (int i = 0; i < 100 || runs.get() < 2; i++) {
                    store().append(i % 2 == 0 ? numbered(1 + i % 3) : List.of(event("Other")));
                }
                writing.countDown();
                return true;
            });
        }
        threads.add(() -> {
            boolean last;
            do {
                last = writing.getCount() == 0;
                reader.run();
                runs.incrementAndGet();
            } while (!last);
            return true;
        });
        Race.run(threads);
    }

    @Test
    default void aReaderThatGoesOnAtThePositionOfItsLastEventMissesNone() {
        List<SequencedEvent> seen = new ArrayList<>();
        whileOthersAppend(() -> {
            long cursor = seen.isEmpty() ? 0 : seen.get(seen.size() - 1).position();
            ReadOptions onward = ReadOptions.defaults().withAfter(cursor);
            seen.addAll(store().read(Query.all(), onward).events());
        });
        assertThat(seen).isEqualTo(log());
    }

    @Test
    default void aReaderThatGoesOnAtTheHeadMissesNone() {
        Query query = Query.ofTypes("Numbered");
        List<SequencedEvent> seen = new ArrayList<>();
        AtomicLong head = new AtomicLong();
        whileOthersAppend(() -> {
            ReadResult result = store().read(query, ReadOptions.defaults().withAfter(head.get()));
            seen.addAll(result.events());
            head.set(result.head());
        });
        assertThat(seen).isEqualTo(store().read(query).events());
        assertThat(head).hasValue(store().head());
    }

    @Test
    default void aDecisionKnowsAllEventsUpToThePositionOfItsCondition() {
        Projector<Long> count = Projector.of(Query.ofTypes("Numbered"), 0L, (n, event) -> n + 1);
        List<DecisionModel> models = new ArrayList<>();
        whileOthersAppend(() -> models.add(store().project(count)));
        List<Long> positions = positions(count.query());
        assertThat(models)
                .hasSizeGreaterThan(2)
                .allSatisfy(model -> assertThat(model.state(count))
                        .isEqualTo(positions.stream()
                                .filter(position ->
                                        position <= model.appendCondition().after())
                                .count()));
    }

    @Test
    default void aStreamIsTheBeginningOfTheLogAsItStands() {
        List<List<SequencedEvent>> streamed = new ArrayList<>();
        whileOthersAppend(() -> {
            StreamMode mode = StreamMode.values()[streamed.size() % 2];
            try (Stream<SequencedEvent> stream = store().stream(Query.all(), ReadOptions.defaults(), mode)) {
                streamed.add(stream.toList());
            }
        });
        List<SequencedEvent> log = log();
        assertThat(streamed)
                .hasSizeGreaterThan(2)
                .allSatisfy(events -> assertThat(events).isEqualTo(log.subList(0, events.size())));
    }
}
