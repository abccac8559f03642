package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.Attempt;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.ModelLog.Violation;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.RandomEvents;
import io.crablet.eventstore.ReadOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A writer that sends random requests. What a request is follows from seed, writer and number, so a report of what came of it
 * is one line of numbers that any process can read.
 */
final class RandomAppender {

    private static final int TYPES = 4;
    private static final int TAG_VALUES = 12;
    private static final int MOST_EVENTS = 4;
    private static final int MOST_ITEMS = 3;

    /** Stands for the item of a query for all events, which has none. */
    private static final int ALL = -1;

    private final long seed;
    private final int writer;

    RandomAppender(long seed, int writer) {
        this.seed = seed;
        this.writer = writer;
    }

    /** Sends as many requests, each on what a recent read has seen, and returns a report of each. */
    List<String> send(EventStore store, int requests) {
        Random random = new Random(seed + writer);
        List<String> reports = new ArrayList<>();
        long head = 0;
        for (int number = 0; number < requests; number++) {
            if (random.nextInt(3) > 0) {
                head = store.read(
                                Query.all(),
                                ReadOptions.defaults().withBackwards().withLimit(1))
                        .head();
            }
            long after = random.nextInt(200) == 0 ? 0 : head;
            reports.add(report(number, after, request(number, after).send(store)));
        }
        return reports;
    }

    private Attempt.Request request(int number, long after) {
        Random random = new Random(Arrays.hashCode(new long[] {seed, writer, number}));
        RandomEvents events = new RandomEvents(random, TYPES, TAG_VALUES);
        Query query = switch (random.nextInt(20)) {
            case 0, 1 -> null;
            case 2 -> Query.all();
            default -> events.narrowQuery(MOST_ITEMS);
        };
        String data = "{\"writer\": %d, \"number\": %d}".formatted(writer, number);
        return new Attempt.Request(
                events.events(MOST_EVENTS, data), query == null ? null : new AppendCondition(query, after));
    }

    private String report(int number, long after, Attempt attempt) {
        AppendResult result = attempt.result();
        String outcome = result == null
                ? "refused %d %d"
                        .formatted(itemIndex(attempt), attempt.violation().position())
                : "accepted %d %d".formatted(result.firstPosition(), result.lastPosition());
        return "%d %d %d %s".formatted(writer, number, after, outcome);
    }

    private static int itemIndex(Attempt attempt) {
        QueryItem item = attempt.violation().item();
        return item == null
                ? ALL
                : attempt.request().condition().failIfEventsMatch().items().indexOf(item);
    }

    /** Returns the attempt of which a report tells. */
    static Attempt attempt(long seed, String report) {
        String[] words = report.split(" ");
        RandomAppender appender = new RandomAppender(seed, Integer.parseInt(words[0]));
        Attempt.Request request = appender.request(Integer.parseInt(words[1]), Long.parseLong(words[2]));
        if (words[3].equals("accepted")) {
            AppendResult result = new AppendResult(Long.parseLong(words[4]), Long.parseLong(words[5]));
            return new Attempt(request, result, null);
        }
        int index = Integer.parseInt(words[4]);
        QueryItem item = index == ALL
                ? null
                : request.condition().failIfEventsMatch().items().get(index);
        return new Attempt(request, null, new Violation(item, Long.parseLong(words[5])));
    }
}
