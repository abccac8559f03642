package io.crablet.pool;

import java.time.Duration;

/**
 * The sessions of the whole server, of every application.
 *
 * @param connections client sessions
 * @param maxConnections sessions the server allows
 * @param reserved the part of them that only superusers and roles with {@code pg_use_reserved_connections} may use
 * @param idleInTransaction sessions that have done nothing inside a transaction for longer than the threshold
 * @param longRunning queries that have run for longer than the threshold
 * @param blocked sessions that wait for a lock, hidden ones too
 * @param longestLockWait for how long the one of them has waited that has waited longest; zero if none waits
 * @param hidden sessions of other roles whose state the side connection may not see: they count in {@code connections}
 *     only, unless its role is granted {@code pg_read_all_stats}
 */
public record ServerSessions(
        int connections,
        int maxConnections,
        int reserved,
        int idleInTransaction,
        int longRunning,
        int blocked,
        Duration longestLockWait,
        int hidden) {

    /** Sessions that roles without a privilege for more may open in all. */
    int unreserved() {
        return maxConnections - reserved;
    }
}
