package io.crablet.eventstore;

/**
 * Where the events of an append now stand. Their positions are contiguous and in the order in which they were given.
 *
 * @param firstPosition the position of the first event
 * @param lastPosition the position of the last event
 */
public record AppendResult(long firstPosition, long lastPosition) {

    /**
     * Returns the head of the log as this append left it.
     *
     * @return the position of the last event appended
     */
    public long head() {
        return lastPosition;
    }
}
