package io.crablet.pool;

/**
 * The sessions of the whole server, of every application.
 *
 * @param connections client sessions
 * @param maxConnections sessions the server allows
 * @param idleInTransaction sessions that have done nothing inside a transaction for longer than the threshold
 * @param longRunning queries that have run for longer than the threshold
 * @param blocked sessions that wait for a lock, hidden ones too
 * @param hidden sessions of other roles whose state the side connection may not see: they count in {@code connections}
 *     only, unless its role is granted {@code pg_read_all_stats}
 */
public record ServerSessions(
        int connections, int maxConnections, int idleInTransaction, int longRunning, int blocked, int hidden) {}
