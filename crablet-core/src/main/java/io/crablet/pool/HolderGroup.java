package io.crablet.pool;

import java.time.Duration;
import java.util.List;

/**
 * The connections that one line of code holds.
 *
 * @param site the line of code
 * @param count how many connections
 * @param oldest for how long the oldest of them has been held
 * @param operations the operations they were borrowed in, at most three
 */
public record HolderGroup(String site, int count, Duration oldest, List<String> operations) {

    /**
     * Copies the operations.
     *
     * @param site the line of code
     * @param count how many
     * @param oldest the oldest
     * @param operations the operations
     */
    public HolderGroup {
        operations = List.copyOf(operations);
    }
}
