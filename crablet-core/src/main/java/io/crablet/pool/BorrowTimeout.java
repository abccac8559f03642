package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A caller that has waited for a connection in vain.
 *
 * @param at when it gave up
 * @param waited for how long it had waited
 * @param thread the name of the thread
 * @param operation what it was doing, null if nothing says it
 * @param traceId the trace it belongs to, null if there is none
 * @param frames the application's part of its stack
 * @param holders who held the connections then, the site with most first
 */
public record BorrowTimeout(
        Instant at,
        Duration waited,
        String thread,
        @Nullable String operation,
        @Nullable String traceId,
        List<StackTraceElement> frames,
        List<HolderGroup> holders) {

    /**
     * Copies the lists.
     *
     * @param at when
     * @param waited for how long
     * @param thread the thread
     * @param operation the operation
     * @param traceId the trace
     * @param frames the frames
     * @param holders the holders
     */
    public BorrowTimeout {
        frames = List.copyOf(frames);
        holders = List.copyOf(holders);
    }
}
