package io.crablet.eventstore;

import java.util.Objects;

/**
 * What must not have happened for an append to be accepted: no event after {@code after} may match
 * {@code failIfEventsMatch}.
 *
 * @param failIfEventsMatch the events that the decision depends on
 * @param after the position up to which the decision has taken events into account; 0 if no event may match at all. Use
 *     the {@linkplain ReadResult#head() head} that a read reports, not the position of the last event it returned
 */
public record AppendCondition(Query failIfEventsMatch, long after) {

    /**
     * Checks the position.
     *
     * @param failIfEventsMatch the events that the decision depends on
     * @param after the position up to which the decision has taken events into account, or 0
     * @throws IllegalArgumentException if {@code after} is negative
     */
    public AppendCondition {
        Objects.requireNonNull(failIfEventsMatch, "failIfEventsMatch");
        Positions.requireNotNegative("after", after);
    }

    /**
     * Returns the condition that no event in the whole log matches.
     *
     * @param query the events that must not exist
     * @return the condition
     */
    public static AppendCondition failIfEventsMatch(Query query) {
        return new AppendCondition(query, 0);
    }

    /**
     * Returns this condition with another {@code after}.
     *
     * @param position the position up to which events are already taken into account
     * @return the condition
     * @throws IllegalArgumentException if the position is negative
     */
    public AppendCondition after(long position) {
        return new AppendCondition(failIfEventsMatch, position);
    }
}
