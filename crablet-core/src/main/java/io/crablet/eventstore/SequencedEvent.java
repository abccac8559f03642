package io.crablet.eventstore;

import java.time.Instant;

/**
 * An event with its place in the log.
 *
 * @param position its position: 1 for the first event, one more for each later one, without gaps. The order of positions
 *     is the order in which the events became visible, so a reader that has seen a position never meets a lower one later
 * @param occurredAt when it was appended, by the database's clock, to the microsecond
 * @param event what happened
 */
public record SequencedEvent(long position, Instant occurredAt, Event event) {}
