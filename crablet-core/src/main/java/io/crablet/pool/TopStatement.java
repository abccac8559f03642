package io.crablet.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a server has recorded of a statement that one role has run, however often and with whatever values.
 *
 * @param queryId the number that the server knows the statement by
 * @param statement the statement: shortened, without literals; null if the server does not know it any more
 * @param calls how often it was run
 * @param total how long all of that took together
 * @param mean how long it took on average
 * @param max how long the slowest took
 * @param rows the rows that it returned or changed
 * @param blocksHit the blocks that it found in the server's memory
 * @param blocksRead the blocks that had to be read
 */
public record TopStatement(
        String queryId,
        @Nullable String statement,
        long calls,
        Duration total,
        Duration mean,
        Duration max,
        long rows,
        long blocksHit,
        long blocksRead) {}
