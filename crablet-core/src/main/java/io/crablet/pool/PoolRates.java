package io.crablet.pool;

import java.time.Duration;
import java.util.Map;

/**
 * What was measured of a pool's use over a window of time.
 *
 * @param window how long the window is
 * @param borrows connections lent in it
 * @param returns connections that came back in it
 * @param held for how long the ones that came back had been held, together
 * @param timeouts callers that waited in vain in it
 * @param waiting callers that waited, on average
 * @param waitingMore how many more callers waited at its end than at its beginning; negative if fewer did
 * @param peakActive the most connections that were seen in use at once since the pool is watched, not only in the window
 * @param watched for how long the pool is watched
 * @param heldBySite connection time by the line of code that had borrowed, as seen once in a second; what is still held counts.
 *     Of the lines that hold least, some may be missing
 * @param heldByAll the same of all lines together, also the missing ones
 */
public record PoolRates(
        Duration window,
        long borrows,
        long returns,
        Duration held,
        long timeouts,
        double waiting,
        int waitingMore,
        int peakActive,
        Duration watched,
        Map<String, Duration> heldBySite,
        Duration heldByAll) {

    /** Nothing was measured. */
    public static final PoolRates NONE =
            new PoolRates(Duration.ZERO, 0, 0, Duration.ZERO, 0, 0, 0, 0, Duration.ZERO, Map.of(), Duration.ZERO);

    /** With fewer connections that came back than this a mean says nothing. */
    private static final int ENOUGH = 20;

    private static final double FULL = 0.8;

    /**
     * Copies the map.
     *
     * @param window the window
     * @param borrows the borrows
     * @param returns the returns
     * @param held the time held
     * @param timeouts the timeouts
     * @param waiting the callers that waited
     * @param waitingMore how many more wait
     * @param peakActive the most in use
     * @param watched since when
     * @param heldBySite the sites
     * @param heldByAll all sites
     */
    public PoolRates {
        heldBySite = Map.copyOf(heldBySite);
    }

    /**
     * Whether enough was seen to say something of means and rates.
     *
     * @return whether at least 20 connections came back
     */
    public boolean isEnough() {
        return returns >= ENOUGH && !window.isZero();
    }

    /**
     * How many connections were lent in a second.
     *
     * @return the rate; 0 if nothing was measured
     */
    public double borrowsPerSecond() {
        return window.isZero() ? 0 : borrows / seconds(window);
    }

    /**
     * For how long a connection was held.
     *
     * @return the mean of those that came back; zero if none did
     */
    public Duration meanHeld() {
        return returns == 0 ? Duration.ZERO : held.dividedBy(returns);
    }

    /**
     * How many connections are in use on average, by Little's law: the rate of borrows times the time they are held. Callers
     * that wait do not count in it, since they borrow only when they have waited.
     *
     * @return a number of connections
     */
    public double needed() {
        return borrowsPerSecond() * seconds(meanHeld());
    }

    /**
     * How many connections the load would have in use on average, if nobody had to wait: the rate at which callers come, times
     * the time they hold a connection.
     *
     * @return a number of connections; 0 if nothing was measured
     */
    public double offered() {
        double callers = Math.max(0, borrows + timeouts + waitingMore);
        return window.isZero() ? 0 : callers / seconds(window) * seconds(meanHeld());
    }

    /** Whether the load takes a pool of a size so far that it alone explains why callers wait. */
    boolean takes(int max) {
        return needed() >= FULL * max;
    }

    /** The load in figures. */
    String load(int max) {
        return "%s borrows/s, each held for %s, take %s of %d connections"
                .formatted(Words.figure(borrowsPerSecond()), Words.time(meanHeld()), Words.figure(needed()), max);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
