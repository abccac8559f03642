package io.crablet.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who holds the lock that appends to an event log queue for. While it is held, every append to that log waits.
 *
 * @param schema the schema of the log
 * @param holder the server's process that holds it; 0 for a prepared transaction
 * @param transaction for how long the holder's transaction has been open: it holds the lock for no longer; null if it cannot be seen
 * @param idleInTransaction for how long the holder has done nothing; null if it works, or cannot be seen
 * @param waiting how many sessions wait for it
 */
public record AppendLock(
        String schema,
        int holder,
        @Nullable Duration transaction,
        @Nullable Duration idleInTransaction,
        int waiting) {}
