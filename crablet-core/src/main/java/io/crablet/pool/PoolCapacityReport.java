package io.crablet.pool;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the capacity check found when the application started: whether the connections each pool may open fit the server's
 * limits, and what was done where they do not. A pool appears when it has been checked, which is before it opens.
 *
 * <p>Safe for use by several threads.
 */
public interface PoolCapacityReport {

    /**
     * Returns what was found for each pool that is open or may still open.
     *
     * @return a sentence with the figures, by the pool's name
     */
    Map<String, String> messages();

    /**
     * Returns what was found for one pool.
     *
     * @param pool the pool's name, or the name of its bean
     * @return a sentence with the figures; null if no such pool was checked
     */
    @Nullable
    String message(String pool);
}
