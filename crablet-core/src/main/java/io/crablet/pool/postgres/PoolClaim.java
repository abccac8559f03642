package io.crablet.pool.postgres;

import java.time.Instant;

/**
 * What a pool takes, or may still take, of a server's connections.
 *
 * @param serverStartedAt which server: when it was started, see {@link ServerLimits#startedAt()}
 * @param database the database the pool connects to
 * @param role the role it connects as
 * @param open the connections it has open now
 * @param maximum the most it will open
 */
public record PoolClaim(Instant serverStartedAt, String database, String role, int open, int maximum) {}
