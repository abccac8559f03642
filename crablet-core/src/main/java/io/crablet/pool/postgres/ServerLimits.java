package io.crablet.pool.postgres;

import io.crablet.pool.PoolCapacity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How many connections a server lets a role open to a database, and how many are open.
 *
 * @param startedAt when the server was started, to the microsecond. Tells servers apart whatever address they are reached
 *     at, and a primary from its standbys
 * @param maxConnections the server's {@code max_connections}
 * @param reserved the part of it that only superusers and roles with {@code pg_use_reserved_connections} may use
 * @param used the client connections to the server, the one that asked left out
 * @param database the database's limit and use
 * @param role the role's limit and use
 */
public record ServerLimits(Instant startedAt, int maxConnections, int reserved, int used, Scope database, Scope role) {

    /** The connections of the server that no pool should take: one is Crablet's own, the rest are for an operator. */
    public static final int KEPT_FREE_ON_SERVER = 5;

    /** The same of a role's or a database's own limit: one for Crablet and one for an operator. */
    public static final int KEPT_FREE_IN_SCOPE = 2;

    /**
     * The {@code application_name} of a connection that is opened only to ask, and closed right after. Those are not counted:
     * the server still lists one for a moment after it was closed.
     */
    public static final String APPLICATION_NAME = "crablet capacity check";

    private static final int TIMEOUT_SECONDS = 5;

    // Everything here is open to every role. Of other roles' sessions only the kind is hidden, so a session of an
    // unknown kind counts as a client; without a user or a database it is one of the server's own processes.
    private static final String QUERY = """
            SELECT /* crablet-watch */ pg_postmaster_start_time() AS started_at,
                   current_setting('max_connections')::int AS max_connections,
                   current_setting('superuser_reserved_connections')::int
                       + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
                   d.datname AS database,
                   CASE WHEN r.rolsuper THEN -1 ELSE d.datconnlimit END AS database_limit,
                   r.rolname AS role,
                   CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END AS role_limit,
                   count(s.pid) AS used,
                   count(s.pid) FILTER (WHERE s.datid = d.oid) AS database_used,
                   count(s.pid) FILTER (WHERE s.usesysid = r.oid) AS role_used
              FROM pg_database d
              JOIN pg_roles r ON r.rolname = session_user
              LEFT JOIN pg_stat_activity s
                     ON s.datid IS NOT NULL
                    AND s.usesysid IS NOT NULL
                    AND coalesce(s.backend_type, 'client backend') = 'client backend'
                    AND s.pid <> pg_backend_pid()
                    AND s.application_name IS DISTINCT FROM '%s'
             WHERE d.datname = current_database()
             GROUP BY d.oid, d.datname, d.datconnlimit, r.oid, r.rolname, r.rolsuper, r.rolconnlimit
            """.formatted(APPLICATION_NAME);

    /**
     * A database or a role that may have a limit of its own.
     *
     * @param name its name
     * @param limit its {@code CONNECTION LIMIT}; negative if it has none that holds for the session that asked
     * @param used the connections to it or of it, the one that asked left out
     */
    public record Scope(String name, int limit, int used) {

        private PoolCapacity capacity(String kind, Shares others) {
            return new PoolCapacity(
                    "connection limit of " + kind + " '" + name + "'",
                    limit,
                    0,
                    Math.max(0, used - others.open()),
                    others.promised(),
                    KEPT_FREE_IN_SCOPE);
        }
    }

    /**
     * Asks the server. Needs no rights beyond those to connect.
     *
     * @param connection a connection to it, as the role and to the database that matter; left open
     * @return its limits and what is open now
     * @throws SQLException if the server does not answer within 5 seconds, or is not PostgreSQL 14 or later
     */
    public static ServerLimits read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(TIMEOUT_SECONDS);
            try (ResultSet row = statement.executeQuery(QUERY)) {
                if (!row.next()) {
                    throw new SQLException("The session's role or database is gone from the server's catalog");
                }
                return new ServerLimits(
                        row.getObject("started_at", OffsetDateTime.class).toInstant(),
                        row.getInt("max_connections"),
                        row.getInt("reserved"),
                        row.getInt("used"),
                        new Scope(row.getString("database"), row.getInt("database_limit"), row.getInt("database_used")),
                        new Scope(row.getString("role"), row.getInt("role_limit"), row.getInt("role_used")));
            }
        }
    }

    /**
     * Returns what the tightest of the limits leaves to a pool.
     *
     * @param ownOpen the connections the pool itself has open now, the one that asked left out
     * @param others the other pools of the application; those on other servers do not count
     * @return the capacity
     */
    public PoolCapacity capacity(int ownOpen, Collection<PoolClaim> others) {
        PoolCapacity server = serverCapacity(Shares.of(ownOpen, others, this::isHere));
        PoolCapacity ofDatabase = database.capacity(
                "database",
                Shares.of(
                        ownOpen,
                        others,
                        claim -> isHere(claim) && claim.database().equals(database.name())));
        PoolCapacity ofRole = role.capacity(
                "role",
                Shares.of(
                        ownOpen, others, claim -> isHere(claim) && claim.role().equals(role.name())));
        return Stream.of(server, ofDatabase, ofRole)
                .filter(capacity -> capacity.limit() >= 0)
                .min(Comparator.comparingInt(PoolCapacity::available))
                .orElse(server);
    }

    /**
     * Returns what a pool of this role to this database takes.
     *
     * @param open the connections it has open now
     * @param maximum the most it will open
     * @return the claim, to be given to {@link #capacity} for the next pool
     */
    public PoolClaim claim(int open, int maximum) {
        return new PoolClaim(startedAt, database.name(), role.name(), open, maximum);
    }

    private PoolCapacity serverCapacity(Shares others) {
        return new PoolCapacity(
                "max_connections",
                maxConnections,
                reserved,
                Math.max(0, used - others.open()),
                others.promised(),
                KEPT_FREE_ON_SERVER);
    }

    private boolean isHere(PoolClaim claim) {
        return claim.serverStartedAt().equals(startedAt);
    }

    /** Of the connections in use, those of this application's pools, and what its other pools may take in all. */
    private record Shares(int open, int promised) {

        private static Shares of(int ownOpen, Collection<PoolClaim> others, Predicate<PoolClaim> counts) {
            int open = ownOpen;
            int promised = 0;
            for (PoolClaim claim : others) {
                if (counts.test(claim)) {
                    open += claim.open();
                    promised += claim.maximum();
                }
            }
            return new Shares(open, promised);
        }
    }
}
