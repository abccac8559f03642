package io.crablet.pool;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server's sessions did at one moment. The counts are of all sessions; each list ends at {@link #MAX_LISTED}, and
 * {@code sessions} at {@link #MAX_SESSIONS}, of which those that are at work or in a transaction come first.
 *
 * @param takenAt the moment, no later than it was
 * @param counts how many of which kind
 * @param byState client sessions by state, {@code hidden} for those that may not be seen
 * @param joinable whether a backend's process id that the driver knows of the pool's connections is the server's: behind a
 *     pooler it is not
 * @param whyNotJoinable why it is not; null if it is
 * @param sessions the sessions of this database, by process
 * @param longRunning sessions of any database whose statement has run for longer than the threshold, the oldest first
 * @param idleInTransaction sessions of any database that have been idle in a transaction for longer than the threshold, the oldest first
 * @param blocked sessions of any database that wait for a lock, with who is in the way, the longest-waiting first
 * @param appendLocks the append locks of this database's logs that are held
 */
public record ServerSnapshot(
        Instant takenAt,
        ServerSessions counts,
        Map<String, Integer> byState,
        boolean joinable,
        @Nullable String whyNotJoinable,
        Map<Integer, ServerSession> sessions,
        List<ServerSession> longRunning,
        List<ServerSession> idleInTransaction,
        List<ServerSession> blocked,
        List<AppendLock> appendLocks) {

    /** The most sessions in each of the lists. */
    public static final int MAX_LISTED = 100;

    /** The most sessions by process. */
    public static final int MAX_SESSIONS = 1_000;

    /**
     * Copies maps and lists.
     *
     * @param takenAt the moment
     * @param counts the counts
     * @param byState the states
     * @param joinable whether it can be joined
     * @param whyNotJoinable why not
     * @param sessions the sessions
     * @param longRunning the long-running
     * @param idleInTransaction the idle
     * @param blocked the blocked
     * @param appendLocks the append locks
     */
    public ServerSnapshot {
        byState = Map.copyOf(byState);
        sessions = Map.copyOf(sessions);
        longRunning = List.copyOf(longRunning);
        idleInTransaction = List.copyOf(idleInTransaction);
        blocked = List.copyOf(blocked);
        appendLocks = List.copyOf(appendLocks);
    }

    /** The same, when it has turned out that it cannot be joined. */
    ServerSnapshot notJoinable(String why) {
        return new ServerSnapshot(
                takenAt, counts, byState, false, why, sessions, longRunning, idleInTransaction, blocked, appendLocks);
    }
}
