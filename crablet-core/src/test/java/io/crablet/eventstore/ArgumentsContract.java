package io.crablet.eventstore;

import static io.crablet.eventstore.EventStoreContract.event;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arguments that make no sense are refused at once. */
interface ArgumentsContract extends EventStoreContract {

    AppendCondition NONE_OF_ALL = AppendCondition.failIfEventsMatch(Query.all());
    Projector<Integer> COUNT = Projector.of(Query.all(), 0, (count, event) -> count + 1);

    @Test
    default void nullIsNoArgumentOfAnAppend() {
        List<Event> events = List.of(event("A"));
        List<Event> withNull = Arrays.asList(event("A"), null);
        assertThatNullPointerException().isThrownBy(() -> store().append(null));
        assertThatNullPointerException().isThrownBy(() -> store().append(withNull));
        assertThatNullPointerException().isThrownBy(() -> store().append(null, NONE_OF_ALL));
        assertThatNullPointerException().isThrownBy(() -> store().append(withNull, NONE_OF_ALL));
        assertThatNullPointerException().isThrownBy(() -> store().append(events, null));
        assertNothingWritten();
    }

    @Test
    default void nullIsNoConditionsQuery() {
        assertThatNullPointerException()
                .isThrownBy(() -> store().append(List.of(event("A")), AppendCondition.failIfEventsMatch(null)));
        assertNothingWritten();
    }

    @Test
    default void nullIsNoArgumentOfARead() {
        ReadOptions options = ReadOptions.defaults();
        assertThatNullPointerException().isThrownBy(() -> store().read(null));
        assertThatNullPointerException().isThrownBy(() -> store().read(null, options));
        assertThatNullPointerException().isThrownBy(() -> store().read(Query.all(), null));
        assertThatNullPointerException().isThrownBy(() -> store().stream(null));
        assertThatNullPointerException().isThrownBy(() -> store().stream(Query.all(), null));
        assertThatNullPointerException().isThrownBy(() -> store().stream(Query.all(), options, null));
    }

    @Test
    default void nullIsNoArgumentOfAProjection() {
        ReadOptions options = ReadOptions.defaults();
        List<Projector<Integer>> projectors = List.of(COUNT);
        List<Projector<Integer>> withNull = Arrays.asList(COUNT, null);
        assertThatNullPointerException().isThrownBy(() -> store().project((Projector<?>) null));
        assertThatNullPointerException().isThrownBy(() -> store().project(null, options));
        assertThatNullPointerException().isThrownBy(() -> store().project(withNull, options));
        assertThatNullPointerException().isThrownBy(() -> store().project(projectors, null));
        assertThatNullPointerException().isThrownBy(() -> store().projectStream(null, options, StreamMode.PAGED));
        assertThatNullPointerException().isThrownBy(() -> store().projectStream(projectors, options, null));
    }

    @Test
    default void aProjectionNeedsAProjector() {
        assertThatIllegalArgumentException().isThrownBy(() -> store().project()).withMessageContaining("projector");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().projectStream())
                .withMessageContaining("projector");
    }

    @Test
    default void aDecisionNeedsAllEventsInTheirOrder() {
        ReadOptions all = ReadOptions.defaults();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().project(List.of(COUNT), all.withLimit(1)))
                .withMessageContaining("limit");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().project(List.of(COUNT), all.withBackwards()))
                .withMessageContaining("backwards");
    }

    @Test
    default void boundsAreNotNegative() {
        ReadOptions all = ReadOptions.defaults();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all.withAfter(-1))
                .withMessageContainingAll("after", "-1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all.withUntil(-1))
                .withMessageContainingAll("until", "-1");
        assertThatIllegalArgumentException().isThrownBy(() -> all.withLimit(0)).withMessageContainingAll("limit", "0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all.withTimeout(Duration.ZERO))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NONE_OF_ALL.after(-1))
                .withMessageContainingAll("after", "-1");
    }
}
