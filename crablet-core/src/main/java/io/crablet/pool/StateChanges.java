package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides which changes of state are worth a log line. One for the worse is, at once; one for the better only when it has
 * lasted, so that a pool on the brink does not fill the log. For one thread.
 */
final class StateChanges {

    private final Duration calm;

    private int told;

    private @Nullable Instant betterSince;

    /**
     * Begins with a healthy pool.
     *
     * @param calm how long a change for the better has to last
     */
    StateChanges(Duration calm) {
        this.calm = calm;
    }

    /** Whether to tell of what was seen now. */
    boolean worthTelling(PoolHealth health, Instant now) {
        int seen = badness(health);
        if (seen >= told) {
            betterSince = null;
            return tell(seen, seen > told);
        }
        Instant since = betterSince == null ? now : betterSince;
        betterSince = since;
        return tell(seen, Duration.between(since, now).compareTo(calm) >= 0);
    }

    private boolean tell(int seen, boolean worthIt) {
        if (worthIt) {
            told = seen;
            betterSince = null;
        }
        return worthIt;
    }

    private static int badness(PoolHealth health) {
        return 2 * health.state().ordinal() + (health.outOfService() ? 1 : 0);
    }
}
