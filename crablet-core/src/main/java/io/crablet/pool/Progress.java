package io.crablet.pool;

import java.time.Duration;

/**
 * How callers have fared of late: whether those that wait now can expect to be served within the time that is tolerated.
 *
 * @param window over which it was measured
 * @param tolerated how long a caller may wait
 * @param served callers that got a connection which another had returned, or a new one from a pool that goes on opening them
 * @param timeouts callers that waited in vain
 */
record Progress(Duration window, Duration tolerated, long served, long timeouts) {

    static final Progress NONE = new Progress(Duration.ZERO, Duration.ZERO, 0, 0);

    /**
     * Whether some are served, none in vain, and at the same rate those that wait will be too. One that gets through now and
     * then does not make it so.
     */
    boolean isEnoughFor(int waiting) {
        return served > 0
                && timeouts == 0
                && !window.isZero()
                && (double) served * tolerated.toMillis() >= (double) waiting * window.toMillis();
    }
}
