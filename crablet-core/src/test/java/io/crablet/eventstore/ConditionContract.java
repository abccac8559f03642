package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static io.crablet.eventstore.EventStoreContract.eventsOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.springframework.dao.OptimisticLockingFailureException;

/** Appends with a condition, one after the other. */
interface ConditionContract extends EventStoreContract {

    private AppendConditionFailedException refused(AppendCondition condition) {
        long head = store().head();
        AppendConditionFailedException refusal = catchThrowableOfType(
                AppendConditionFailedException.class, () -> store().append(List.of(event("Refused")), condition));
        assertThat(refusal).as("refusal of %s", condition).isNotNull();
        assertThat(store().head()).as("nothing was written").isEqualTo(head);
        assertThat(positions(Query.ofTypes("Refused"))).isEmpty();
        return refusal;
    }

    private void accepted(AppendCondition condition) {
        long head = store().head();
        assertThat(store().append(List.of(event("Accepted")), condition))
                .as("append on %s", condition)
                .isEqualTo(new AppendResult(head + 1, head + 1));
    }

    private static AppendCondition ifNone(QueryItem... items) {
        return AppendCondition.failIfEventsMatch(Query.of(items));
    }

    @Test
    default void withoutAfterTheWholeLogCounts() {
        append(event("Defined", C1), event("Other"));
        refused(ifNone(QueryItem.ofTags(C1)));
        accepted(ifNone(QueryItem.ofTags(C2)));
    }

    @Test
    default void whatIsNotAfterTheConditionDoesNotCount() {
        append(event("Defined", C1), event("Changed", C1), event("Other"));
        AppendCondition condition = ifNone(QueryItem.ofTags(C1));
        assertThat(refused(condition.after(1)).position()).isEqualTo(2);
        accepted(condition.after(2));
        accepted(condition.after(store().head()));
    }

    @Test
    default void theHeadOfAnEmptyReadGuardsIt() {
        append(event("Other"));
        long head = store().read(Query.ofTags(C1)).head();
        AppendCondition condition = ifNone(QueryItem.ofTags(C1)).after(head);
        append(event("Other"));
        accepted(condition);
        append(event("Defined", C1));
        refused(condition);
    }

    @Test
    default void aRefusalNamesItemPositionAndType() {
        append(event("Other"), event("Defined", C2), event("Defined", C1), event("Changed", C1));
        QueryItem violated = QueryItem.ofTags(C1);
        AppendCondition condition = ifNone(QueryItem.ofTypes("Unknown"), violated, QueryItem.ofTypes("Defined"))
                .after(1);

        AppendConditionFailedException refusal = refused(condition);

        assertThat(refusal).isInstanceOf(OptimisticLockingFailureException.class);
        assertThat(refusal.condition()).isEqualTo(condition);
        assertThat(refusal.item()).isEqualTo(violated);
        assertThat(refusal.position()).isEqualTo(3);
        assertThat(refusal.eventType()).isEqualTo("Defined");
        assertThat(refusal).hasMessageContainingAll("3", "Defined", violated.toString());
    }

    @Test
    default void aConditionOnAllEventsHasNoItem() {
        accepted(AppendCondition.failIfEventsMatch(Query.all()));
        AppendConditionFailedException refusal = refused(AppendCondition.failIfEventsMatch(Query.all()));
        assertThat(refusal.item()).isNull();
        assertThat(refusal.position()).isEqualTo(1);
        assertThat(refusal.eventType()).isEqualTo("Accepted");
        accepted(AppendCondition.failIfEventsMatch(Query.all()).after(1));
    }

    @Test
    default void eachItemCountsByItself() {
        append(event("Defined", C1), event("Subscribed", C2, S1));
        accepted(ifNone(
                QueryItem.ofTypes("Defined").withTags(C2),
                QueryItem.ofTypes("Subscribed").withTags(C1),
                QueryItem.ofTags(C1, S1),
                QueryItem.ofTypes("Defined").withTags(S1)));
        refused(ifNone(
                QueryItem.ofTypes("Defined").withTags(C2),
                QueryItem.ofTypes("Subscribed").withTags(S1, C2)));
    }

    @Test
    default void aTypeIsEnoughAndSoIsATag() {
        append(event("Subscribed", C1, S1));
        refused(ifNone(QueryItem.ofTypes("Other", "Subscribed")));
        refused(ifNone(QueryItem.ofTags(S1)));
        refused(ifNone(QueryItem.ofTags(S1, C1)));
        refused(ifNone(QueryItem.ofTypes("Other", "Subscribed").withTags(S1, C1)));
        accepted(ifNone(QueryItem.ofTypes("Other")));
        accepted(ifNone(QueryItem.ofTags(S2)));
        accepted(ifNone(QueryItem.ofTags(S1, C2)));
        accepted(ifNone(QueryItem.ofTypes("Other").withTags(S1, C1)));
    }

    @Test
    default void anAppendDoesNotViolateItsOwnCondition() {
        AppendCondition condition = ifNone(QueryItem.ofTags(C1));
        List<Event> events = List.of(event("Defined", C1), event("Changed", C1));
        assertThat(store().append(events, condition)).isEqualTo(new AppendResult(1, 2));
        assertThat(refused(condition).position()).isEqualTo(1);
    }

    @Test
    default void aRefusedAppendWritesNoneOfItsEvents() {
        append(event("Defined", C1));
        assertThat(catchThrowableOfType(
                        AppendConditionFailedException.class,
                        () -> store().append(EventStoreContract.numbered(50), ifNone(QueryItem.ofTags(C1)))))
                .isNotNull();
        assertThat(positions(Query.all())).containsExactly(1L);
        assertThat(append(event("Other"))).isEqualTo(new AppendResult(2, 2));
    }

    @Test
    default void anyConditionIsJudgedAsOnThePlainList() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RandomEvents events = new RandomEvents(random, 5, 3);
        ModelLog model = new ModelLog();
        int accepted = 0;
        for (int i = 0; i < 1_500; i++) {
            long after = Math.max(0, model.head() - random.nextInt(8));
            AppendCondition condition = new AppendCondition(events.query(), random.nextInt(20) == 0 ? 0 : after);
            Attempt attempt = new Attempt.Request(events.events(3, Integer.toString(i)), condition).send(store());

            assertThat(attempt.violation())
                    .as("seed %d, attempt %d on %s", seed, i, condition)
                    .isEqualTo(model.violation(condition).orElse(null));
            if (attempt.isAccepted()) {
                assertThat(attempt.result().firstPosition()).isEqualTo(model.head() + 1);
                model.append(attempt.request().events());
                accepted++;
            }
        }
        assertThat(accepted).as("both outcomes are frequent").isBetween(150, 1_350);
        assertThat(eventsOf(log()))
                .isEqualTo(LongStream.rangeClosed(1, model.head())
                        .mapToObj(model::event)
                        .toList());
    }
}
