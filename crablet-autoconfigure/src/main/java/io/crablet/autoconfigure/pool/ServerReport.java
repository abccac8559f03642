package io.crablet.autoconfigure.pool;

import io.crablet.pool.AppendLock;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.TopStatements;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The server behind a pool, as the endpoint shows it. What is not known is null, and left out of the answer. */
sealed interface ServerReport {

    /**
     * Its sessions.
     *
     * @param takenAt when they were seen
     * @param latencyMs how long the answer took
     * @param version the server's version
     * @param connections client sessions of all applications
     * @param maxConnections sessions that it allows
     * @param reserved the part of them that only superusers and whom they trust may use
     * @param hidden sessions that the watch's role may not look into
     * @param byState client sessions by state
     * @param joinable whether borrowed connections can be found among its sessions
     * @param whyNotJoinable why not
     * @param longRunning sessions whose statement runs for long, the oldest first
     * @param idleInTransaction sessions that have been idle in a transaction for long, the oldest first
     * @param blocked sessions that wait for a lock, those that have waited longest first
     * @param chains who holds up whom
     * @param appendLocks who holds the locks that appends queue for
     * @param topStatements the statements of the pool's role that took most time, those that took most first
     * @param topStatementsSince since when the server has recorded them
     * @param topStatementsHint why they are not known, and what to do about it
     */
    record Sessions(
            Instant takenAt,
            double latencyMs,
            String version,
            int connections,
            int maxConnections,
            int reserved,
            int hidden,
            Map<String, Integer> byState,
            boolean joinable,
            @Nullable String whyNotJoinable,
            List<Session> longRunning,
            List<Session> idleInTransaction,
            List<Session> blocked,
            List<BlockingChain> chains,
            List<Lock> appendLocks,
            @Nullable List<TopStatementReport> topStatements,
            @Nullable Instant topStatementsSince,
            @Nullable String topStatementsHint)
            implements ServerReport {}

    /** It answers, but its sessions cannot be seen. */
    record NoSessions(double latencyMs, String version) implements ServerReport {}

    /** It does not answer. */
    record Failing(String failure, @Nullable String sqlState, Instant since, String advice) implements ServerReport {}

    /** A session of the server. */
    record Session(
            int pid,
            @Nullable String database,
            @Nullable String user,
            @Nullable String applicationName,
            @Nullable String state,
            @Nullable String waitEvent,
            @Nullable Long transactionMs,
            @Nullable Long queryMs,
            @Nullable Long inStateMs,
            @Nullable Long waitingMs,
            @Nullable String statement,
            List<Integer> blockedBy) {

        static Session of(ServerSession session, boolean showSql) {
            return new Session(
                    session.pid(),
                    session.database(),
                    session.user(),
                    session.applicationName(),
                    session.state(),
                    BorrowReport.waitEvent(session),
                    BorrowReport.millis(session.transaction()),
                    BorrowReport.millis(session.query()),
                    BorrowReport.millis(session.inState()),
                    BorrowReport.millis(session.lockWait()),
                    showSql ? session.statement() : null,
                    session.blockedBy());
        }
    }

    /** An append lock. */
    record Lock(
            String schema,
            int holder,
            @Nullable Long transactionMs,
            @Nullable Long idleInTransactionMs,
            int waiting) {

        static Lock of(AppendLock lock) {
            return new Lock(
                    lock.schema(),
                    lock.holder(),
                    BorrowReport.millis(lock.transaction()),
                    BorrowReport.millis(lock.idleInTransaction()),
                    lock.waiting());
        }
    }

    /** Returns null if nobody has asked the server. */
    static @Nullable ServerReport of(DatabaseAnswer answer, boolean showSql) {
        if (answer instanceof Failed failed) {
            return new Failing(
                    failed.failure().reason(),
                    failed.sqlState(),
                    failed.since(),
                    failed.failure().advice());
        }
        if (!(answer instanceof Answered answered)) {
            return null;
        }
        double latency = answered.latency().toNanos() / 10_000 / 100.0;
        ServerSnapshot seen = answered.server();
        return seen == null
                ? new NoSessions(latency, answered.version())
                : sessions(latency, answered.version(), seen, answered.statements(), showSql);
    }

    private static Sessions sessions(
            double latency, String version, ServerSnapshot seen, @Nullable TopStatements statements, boolean showSql) {
        return new Sessions(
                seen.takenAt(),
                latency,
                version,
                seen.counts().connections(),
                seen.counts().maxConnections(),
                seen.counts().reserved(),
                seen.counts().hidden(),
                new TreeMap<>(seen.byState()),
                seen.joinable(),
                seen.whyNotJoinable(),
                list(seen.longRunning(), showSql),
                list(seen.idleInTransaction(), showSql),
                list(seen.blocked(), showSql),
                BlockingChain.of(seen, showSql),
                seen.appendLocks().stream().map(Lock::of).toList(),
                TopStatementReport.of(statements, showSql),
                statements == null ? null : statements.since(),
                statements == null ? null : statements.hint());
    }

    private static List<Session> list(List<ServerSession> sessions, boolean showSql) {
        return sessions.stream().map(session -> Session.of(session, showSql)).toList();
    }
}
