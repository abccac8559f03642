package io.crablet.pool;

import io.crablet.pool.DatabaseAnswer.Answered;
import java.time.Duration;

/**
 * Finds out whether the server that answers is the one that a pool's connections are on: behind a balancer, or where the name of
 * a host stands for several, they may be on others.
 */
final class JoinProof {

    /** Fewer connections than this that the server does not know may have been ended by somebody. */
    private static final int MANY = 3;

    private JoinProof() {}

    /**
     * The answer, with sessions that cannot be joined if too few of the pool's are among them.
     *
     * @param answer the server's answer
     * @param ledger the pool's ledger; it proves nothing if it was taken before the server was asked
     */
    static DatabaseAnswer checked(DatabaseAnswer answer, LedgerSnapshot ledger) {
        if (!(answer instanceof Answered answered) || answered.server() == null) {
            return answer;
        }
        ServerSnapshot server = answered.server();
        Duration age = Duration.between(server.takenAt(), ledger.takenAt());
        boolean all = server.sessions().size() < ServerSnapshot.MAX_SESSIONS;
        return server.joinable() && all && !age.isNegative() ? checked(answered, server, ledger, age) : answer;
    }

    private static DatabaseAnswer checked(
            Answered answered, ServerSnapshot server, LedgerSnapshot ledger, Duration age) {
        int expected = 0;
        int missing = 0;
        for (BorrowedConnection borrow : ledger.borrowed()) {
            if (borrow.backendPid() != 0 && Evidence.isBorrowedFor(borrow, age)) {
                expected++;
                missing += server.sessions().containsKey(borrow.backendPid()) ? 0 : 1;
            }
        }
        // Of two servers that share the load each knows about half; a few may be found by chance, as another's number.
        if (missing < MANY || 3 * missing < expected) {
            return answered;
        }
        String why = """
                Of the %d connections that were borrowed when the server was asked it knows all but %d: the pool's \
                address seems to stand for several servers.""".formatted(expected, missing);
        return new Answered(
                answered.since(),
                answered.latency(),
                answered.product(),
                answered.version(),
                server.notJoinable(why),
                answered.statements());
    }
}
