package io.crablet.eventstore;

import java.util.List;

/**
 * What a read found, and the state of the log that it found it in.
 *
 * @param events the matching events in the order asked for; unmodifiable
 * @param head the position of the last event of the whole log when it was read, 0 if the log was empty. This is the
 *     {@link AppendCondition#after() after} for a condition on what was read, also when nothing matched. Not so if
 *     {@link ReadOptions#until() until} or a limit on reading forwards has left out later events: then it is {@code until}, or
 *     the position of the last event returned, if that is lower
 */
public record ReadResult(List<SequencedEvent> events, long head) {

    /**
     * Copies the events.
     *
     * @param events the matching events
     * @param head the position of the last event of the whole log, or 0
     */
    public ReadResult {
        events = List.copyOf(events);
    }
}
