package io.crablet.benchmarks.log;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read or an append whose plan is shown.
 *
 * @param title what is asked for
 * @param isShown which of its statements is the interesting one
 * @param work what is done
 */
record PlanCase(String title, Predicate<Plan> isShown, Consumer<EventStore> work) {

    private static final Logger logger = LoggerFactory.getLogger(PlanCase.class);

    private static final Query ENTITY = Query.ofTags(Logs.entity(7));
    private static final QueryItem RARE_TYPE = QueryItem.ofTypes("Rare");
    private static final Query TWO_ITEMS = Query.of(
            QueryItem.ofTypes("Type7").withTags(Logs.entity(7)),
            QueryItem.ofTypes("Type8").withTags(Logs.entity(8)));
    private static final Query TWENTY_ITEMS = Query.of(IntStream.range(0, 20)
            .mapToObj(n -> QueryItem.ofTags(Logs.entity(n)))
            .toList());
    private static final ReadOptions PAGE = ReadOptions.defaults().withLimit(100);
    private static final ReadOptions LAST =
            ReadOptions.defaults().withBackwards().withLimit(1);

    static List<PlanCase> reads() {
        ReadOptions everything = ReadOptions.defaults();
        return List.of(
                read("one entity's 20 events", ENTITY, everything),
                read(
                        "one entity's events of one type",
                        Query.of(QueryItem.ofTypes("Type7").withTags(Logs.entity(7))),
                        everything),
                read(
                        "a common tag first, then a rare one",
                        Query.of(QueryItem.ofTags(Logs.COMMON, Logs.entity(7))),
                        everything),
                read("a rare type", Query.of(RARE_TYPE), everything),
                read("a rare type with a common tag", Query.of(RARE_TYPE.withTags(Logs.COMMON)), everything),
                read("two items", TWO_ITEMS, everything),
                read("20 items", TWENTY_ITEMS, everything),
                read("first 100 of all events", Query.all(), PAGE),
                read("first 100 of a common type", Query.ofTypes("Type7"), PAGE),
                read("first 100 of a common tag", Query.ofTags(Logs.COMMON), PAGE),
                read("last event", Query.all(), LAST),
                read("last event of a common tag", Query.ofTags(Logs.COMMON), LAST),
                read("last event of an entity", ENTITY, LAST));
    }

    static List<PlanCase> conditions() {
        Query newEntity = Query.ofTags(Logs.entity(-1));
        return List.of(
                append("one entity, after the head", ENTITY, true),
                append("20 items, after the head", TWENTY_ITEMS, true),
                append("all events, after the head", Query.all(), true),
                append("a common type, after the head", Query.ofTypes("Type7"), true),
                append("a tag that does not exist, without after", newEntity, false),
                append("a type that does not exist, without after", Query.ofTypes("Unknown"), false),
                append(
                        "a common tag and one that does not exist, without after",
                        Query.of(QueryItem.ofTags(Logs.COMMON, Logs.entity(-1))),
                        false),
                append(
                        "a type that does not exist with a common tag, without after",
                        Query.of(QueryItem.ofTypes("Unknown").withTags(Logs.COMMON)),
                        false),
                append("one entity, without after (refused)", ENTITY, false));
    }

    private static PlanCase read(String title, Query query, ReadOptions options) {
        return new PlanCase(
                "read: " + title, plan -> plan.sql().contains("occurred_at"), store -> store.read(query, options));
    }

    private static PlanCase append(String title, Query query, boolean afterHead) {
        return new PlanCase("condition: " + title, plan -> plan.sql().contains("seen_to"), store -> {
            AppendCondition condition = new AppendCondition(query, afterHead ? store.head() : 0);
            try {
                store.append(List.of(Event.of("Planned", "{}")), condition);
            } catch (AppendConditionFailedException e) {
                logger.debug("Refused, as it has to be", e);
            }
        });
    }
}
