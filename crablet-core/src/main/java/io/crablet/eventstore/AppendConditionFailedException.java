package io.crablet.eventstore;

import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;

/**
 * An append was refused, and nothing of it written, because an event matches its {@link AppendCondition}. Read again, decide
 * again, append again.
 *
 * @serial exclude
 */
public class AppendConditionFailedException extends OptimisticLockingFailureException {

    private static final long serialVersionUID = 1L;

    private final transient AppendCondition condition;
    private final transient @Nullable QueryItem item;
    private final long position;
    private final String eventType;

    /**
     * Creates the exception.
     *
     * @param condition the condition that failed
     * @param item the first of its query's items that an event matches; null if the query is for all events
     * @param position the position of the first event that matches the item
     * @param eventType the type of that event
     */
    public AppendConditionFailedException(
            AppendCondition condition, @Nullable QueryItem item, long position, String eventType) {
        super("append refused: event " + position + " of type '" + eventType + "' matches "
                + (item == null ? "the query for all events" : item) + " after position " + condition.after());
        this.condition = condition;
        this.item = item;
        this.position = position;
        this.eventType = eventType;
    }

    /**
     * Returns the condition that failed.
     *
     * @return the condition; null after the exception was deserialized
     */
    public AppendCondition condition() {
        return condition;
    }

    /**
     * Returns the first of the query's items that an event matches.
     *
     * @return the item; null if the query is for all events
     */
    public @Nullable QueryItem item() {
        return item;
    }

    /**
     * Returns the position of the first event that matches the {@linkplain #item() item}.
     *
     * @return the position
     */
    public long position() {
        return position;
    }

    /**
     * Returns the type of that event.
     *
     * @return the type
     */
    public String eventType() {
        return eventType;
    }
}
