package io.crablet.eventstore;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which part of the matching events to read, in which order, and how long that may take.
 *
 * @param after only events with a greater position; 0 for all
 * @param until only events up to this position, itself included; {@link Long#MAX_VALUE} for all
 * @param limit the most events to return, at least 1; {@link Long#MAX_VALUE} for all
 * @param backwards whether the event with the greatest position comes first. Does not change what {@code after} and
 *     {@code until} mean
 * @param timeout how long the read may hold a connection, after which its query is cancelled on the server too: for
 *     {@code read} and each page of a paged stream the query, for a cursor stream the time until it is closed. Null for the
 *     store's own read timeout
 */
public record ReadOptions(
        long after,
        long until,
        long limit,
        boolean backwards,
        @Nullable Duration timeout) {

    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);

    /** As an append's: what a number of milliseconds in 32 bits can say, more than 24 days. */
    private static final Duration MAX_TIMEOUT = Duration.ofMillis(Integer.MAX_VALUE);

    private static final ReadOptions DEFAULTS = new ReadOptions(0, Long.MAX_VALUE, Long.MAX_VALUE, false, null);

    /**
     * Checks the bounds.
     *
     * @param after only events with a greater position
     * @param until only events up to this position
     * @param limit the most events to return
     * @param backwards whether the event with the greatest position comes first
     * @param timeout how long the read may hold a connection; null for the store's own read timeout
     * @throws IllegalArgumentException if a position is negative, the limit is below 1 or the timeout is below 1 ms or above
     *     24 days
     */
    public ReadOptions {
        Positions.requireNotNegative("after", after);
        Positions.requireNotNegative("until", until);
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + ", it has to be at least 1");
        }
        if (timeout != null && (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0)) {
            throw new IllegalArgumentException(
                    "timeout is " + timeout + ", it has to be from " + MIN_TIMEOUT + " to " + MAX_TIMEOUT);
        }
    }

    /**
     * Returns the options to read all matching events, forwards.
     *
     * @return the options
     */
    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these options with another lower bound.
     *
     * @param after only events with a greater position
     * @return the options
     */
    public ReadOptions withAfter(long after) {
        return new ReadOptions(after, until, limit, backwards, timeout);
    }

    /**
     * Returns these options with another upper bound.
     *
     * @param until only events up to this position
     * @return the options
     */
    public ReadOptions withUntil(long until) {
        return new ReadOptions(after, until, limit, backwards, timeout);
    }

    /**
     * Returns these options with another limit.
     *
     * @param limit the most events to return
     * @return the options
     */
    public ReadOptions withLimit(long limit) {
        return new ReadOptions(after, until, limit, backwards, timeout);
    }

    /**
     * Returns these options for reading from the end of the log to its beginning.
     *
     * @return the options
     */
    public ReadOptions withBackwards() {
        return new ReadOptions(after, until, limit, true, timeout);
    }

    /**
     * Returns these options with a timeout of their own.
     *
     * @param timeout how long the read may hold a connection
     * @return the options
     */
    public ReadOptions withTimeout(Duration timeout) {
        return new ReadOptions(after, until, limit, backwards, timeout);
    }
}
