package io.crablet.eventstore;

/**
 * One step of a projection.
 *
 * @param event the event that led to the states
 * @param states the states after it
 */
public record ProjectionStep(SequencedEvent event, ProjectedStates states) {}
