package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import java.util.Objects;

/** What became of one request of a batch. */
sealed interface AppendOutcome {

    /** Returns the result for the caller of the request, or throws what the caller is to see. */
    AppendResult resultFor(AppendRequest request);

    record Appended(AppendResult result) implements AppendOutcome {

        @Override
        public AppendResult resultFor(AppendRequest request) {
            return result;
        }
    }

    /** Refused: the event at {@code position} matches the item, counted from 0. */
    record Violated(int item, long position, String type) implements AppendOutcome {

        @Override
        public AppendResult resultFor(AppendRequest request) {
            AppendCondition condition = Objects.requireNonNull(request.condition());
            var items = condition.failIfEventsMatch().items();
            throw new AppendConditionFailedException(
                    condition, items.isEmpty() ? null : items.get(item), position, type);
        }
    }

    /** Refused: the condition's {@code after} is greater than the head. */
    record BeyondHead(long head) implements AppendOutcome {

        @Override
        public AppendResult resultFor(AppendRequest request) {
            throw new IllegalArgumentException("the condition's after is "
                    + Objects.requireNonNull(request.condition()).after() + ", but the log ends at " + head
                    + "; use the head that a read of this same log reported");
        }
    }
}
