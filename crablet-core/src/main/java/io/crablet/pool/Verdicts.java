package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges why the connections of a pool have not come back: what its ledger knows, joined with what the server's sessions did.
 * Pure, and for one moment.
 *
 * <p>Of the causes for which there is evidence the first of these counts, since it explains the ones after it:
 *
 * <ol>
 *   <li>forgotten: it is certain, whatever the session does;
 *   <li>a second connection: its thread waits in the pool, and whatever else is open waits with it;
 *   <li>waiting for a lock: before the slow query, which it is only for the lock's sake;
 *   <li>a slow query: before the thread that has ended, as another thread uses the connection;
 *   <li>the thread has ended: before what it has left open;
 *   <li>a second connection that its thread has got, and works with instead;
 *   <li>a stream left open: before idle in transaction, which a stream with a cursor is too;
 *   <li>idle in transaction;
 *   <li>being that second connection itself;
 *   <li>in use: a statement has just begun, or the connection was used a moment ago;
 *   <li>unknown, with the reason why.
 * </ol>
 *
 * <p>Of a connection that may be used unseen, such as for COPY, it is not known for how long nobody has used it: then only
 * what the server says is told.
 *
 * <p>What the server said counts only if the connection was borrowed before, and not used since.
 */
public final class Verdicts {

    private final LedgerSnapshot ledger;

    private final @Nullable ServerSnapshot server;

    private final VerdictLimits limits;

    private final @Nullable LockHolders holders;

    private final HeldTogether together;

    /**
     * Makes the judge of one pool.
     *
     * @param ledger the pool's ledger, taken after the server was asked
     * @param others the ledgers of the application's other pools on the same server, by the pools' names
     * @param server the server's last answer; null if there is none
     * @param limits when there is evidence enough
     */
    public Verdicts(
            LedgerSnapshot ledger,
            Map<String, LedgerSnapshot> others,
            @Nullable ServerSnapshot server,
            VerdictLimits limits) {
        this.ledger = ledger;
        this.server = server;
        this.limits = limits;
        this.holders = server == null ? null : new LockHolders(server, ledger, others);
        this.together = new HeldTogether(ledger.borrowed());
    }

    /**
     * Judges one connection.
     *
     * @param borrow a connection of the pool's ledger
     * @return the verdict; {@link VerdictCause#UNKNOWN} without evidence
     */
    public Verdict of(BorrowedConnection borrow) {
        Evidence evidence = evidence(borrow);
        VerdictCause cause = cause(borrow, evidence);
        return new Verdict(cause, new VerdictWords(borrow, evidence, holders, together).message(cause));
    }

    /**
     * Judges the pool as a whole: the cause that holds most of its connections; if there is none, but the measured load needs
     * all it has, {@link VerdictCause#TOO_MUCH_LOAD}. Meant for a pool whose callers wait.
     *
     * @param counts the pool's counters
     * @param rates what was measured of it
     * @return the verdict; {@link VerdictCause#UNKNOWN} without evidence
     */
    public Verdict ofPool(PoolCounts counts, PoolRates rates) {
        return new PoolJudge(this, ledger, counts, rates).verdict();
    }

    /** Whose a session of the server is, with a comma before it; empty if nothing is known of it. */
    String identity(int pid) {
        return holders == null ? "" : holders.identity(pid);
    }

    /** Whether a session is one of the program's that was used since the server was asked. */
    boolean mayHaveLetGo(int pid) {
        return holders != null && holders.mayHaveLetGo(pid);
    }

    /** The cause alone, which costs next to nothing. */
    VerdictCause cause(BorrowedConnection borrow) {
        return cause(borrow, evidence(borrow));
    }

    private Evidence evidence(BorrowedConnection borrow) {
        Instant now = ledger.takenAt();
        return Evidence.of(borrow, now, server, limits);
    }

    private VerdictCause cause(BorrowedConnection borrow, Evidence evidence) {
        if (borrow.grade() == BorrowGrade.LEAKED) {
            return VerdictCause.FORGOTTEN;
        }
        if (borrow.waitsForSecond() != null) {
            return VerdictCause.SECOND_CONNECTION;
        }
        ServerSession session = evidence.session();
        if (session != null && session.isActive() && "Lock".equals(session.waitEventType())) {
            return VerdictCause.WAITING_FOR_LOCK;
        }
        if (borrow.executing() != null) {
            return evident(borrow.executing()) ? VerdictCause.SLOW_QUERY : VerdictCause.IN_USE;
        }
        if (borrow.usedUnseen()) {
            return session != null && session.isActive() ? VerdictCause.IN_USE : VerdictCause.UNKNOWN;
        }
        // The driver may have left it behind: a statement whose caller has gone.
        if (session != null && session.isActive() && evident(evidence.inState())) {
            return VerdictCause.SLOW_QUERY;
        }
        if (!evident(borrow.idle())) {
            return VerdictCause.IN_USE;
        }
        if (!borrow.threadAlive() && !borrow.handedOver()) {
            return VerdictCause.THREAD_ENDED;
        }
        if (together.secondOf(borrow) != null) {
            return VerdictCause.SECOND_CONNECTION;
        }
        if (borrow.openResults() > 0) {
            return VerdictCause.STREAM_LEFT_OPEN;
        }
        if (session != null && session.isIdleInTransaction()) {
            return VerdictCause.IDLE_IN_TRANSACTION;
        }
        return together.firstOf(borrow) == null ? VerdictCause.UNKNOWN : VerdictCause.SECOND_CONNECTION;
    }

    private boolean evident(Duration time) {
        return time.compareTo(limits.evidentAfter()) >= 0;
    }
}
