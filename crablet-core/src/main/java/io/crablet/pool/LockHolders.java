package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says who holds the locks that sessions wait for; of a connection of the program also where it was borrowed. */
final class LockHolders {

    /**
     * A connection of the program.
     *
     * @param pool the name of the pool; null for the pool in question
     * @param borrow the connection
     * @param usedSince whether its borrower may have used it since the server was asked, and so ended its transaction
     */
    private record Ours(@Nullable String pool, BorrowedConnection borrow, boolean usedSince) {}

    private final ServerSnapshot server;

    private final Instant now;

    private final Map<Integer, Ours> ours = new HashMap<>();

    LockHolders(ServerSnapshot server, LedgerSnapshot ledger, Map<String, LedgerSnapshot> others) {
        this.server = server;
        this.now = ledger.takenAt();
        if (server.joinable()) {
            others.forEach((pool, other) -> add(pool, other));
            add(null, ledger);
        }
    }

    private void add(@Nullable String pool, LedgerSnapshot ledger) {
        Duration age = Duration.between(server.takenAt(), ledger.takenAt());
        if (age.isNegative()) {
            // What was seen since may be of whoever borrowed the connection next.
            return;
        }
        for (BorrowedConnection borrow : ledger.borrowed()) {
            if (borrow.backendPid() != 0 && Evidence.isBorrowedFor(borrow, age)) {
                boolean usedSince = borrow.usedUnseen() || !Evidence.isUnchangedFor(borrow, age);
                ours.put(borrow.backendPid(), new Ours(pool, borrow, usedSince));
            }
        }
    }

    /** A sentence or two on who is in the way of a session, and what to do. */
    String inTheWayOf(ServerSession waiting) {
        Set<Integer> chain = new LinkedHashSet<>();
        chain.add(waiting.pid());
        Integer next = waiting.pid();
        while (next != null) {
            next = blockerOutside(chain, next);
            if (next != null) {
                chain.add(next);
            }
        }
        List<Integer> path = new ArrayList<>(chain);
        path.remove(0);
        if (path.isEmpty()) {
            return "Who holds it could not be seen.";
        }
        int root = path.remove(path.size() - 1);
        ServerSession last = session(root);
        if (last != null && !last.blockedBy().isEmpty()) {
            return "It is part of a deadlock with backend " + root
                    + ", which the server ends by itself after deadlock_timeout.";
        }
        if (mayHaveLetGo(root)) {
            return "When the server was asked, %s ago, it was held by backend %d%s, who %s the connection since: look again to see who holds it now."
                    .formatted(Words.time(age()), root, identity(root), hasUsed(root));
        }
        return "It is held by " + describe(root) + behind(path) + ". " + advice(root);
    }

    private String describe(int pid) {
        return pid == 0 ? "a prepared transaction" : "backend " + pid + identity(pid) + doing(pid);
    }

    /** Whose a session is, with a comma before it; empty if nothing is known of it. */
    String identity(int pid) {
        Ours one = ours.get(pid);
        if (one != null) {
            return ", borrowed " + Words.time(one.borrow().held()) + " ago"
                    + (one.pool() == null ? "" : " from pool " + one.pool())
                    + " by " + Words.origin(one.borrow()) + ", thread "
                    + one.borrow().thread();
        }
        ServerSession session = session(pid);
        String application = session == null ? null : session.applicationName();
        return application == null || application.isBlank() ? "" : ", application " + application;
    }

    /** Whether a session is one of the program's that was used since the server was asked: it may be in another transaction. */
    boolean mayHaveLetGo(int pid) {
        Ours one = ours.get(pid);
        return one != null && one.usedSince();
    }

    /** How sure it is that the session was used since. */
    String hasUsed(int pid) {
        Ours one = ours.get(pid);
        return one != null && one.borrow().usedUnseen() ? "may have used" : "has used";
    }

    private String doing(int pid) {
        ServerSession session = session(pid);
        if (session == null) {
            return "";
        }
        if (session.state() == null) {
            return ", whose state the watch's role may not see";
        }
        Duration inState = session.inState() == null ? null : session.inState().plus(age());
        String since = inState == null ? "" : " for " + Words.time(inState);
        return session.isActive()
                ? ", which has run its statement" + since
                : ", which has been " + session.state() + since;
    }

    private String advice(int root) {
        if (root == 0) {
            return "COMMIT PREPARED or ROLLBACK PREPARED it: pg_prepared_xacts shows its name.";
        }
        Ours one = ours.get(root);
        String code = one == null ? "" : "Have the code at " + one.borrow().site() + " end its transaction sooner. ";
        return code + "To let the others go on at once, terminate backend " + root + ".";
    }

    private static String behind(List<Integer> path) {
        if (path.isEmpty()) {
            return "";
        }
        return ", with " + (path.size() == 1 ? "backend " + path.get(0) : "backends " + listed(path)) + " in between";
    }

    private static String listed(List<Integer> pids) {
        return String.join(", ", pids.stream().map(String::valueOf).toList());
    }

    private @Nullable Integer blockerOutside(Set<Integer> chain, int pid) {
        ServerSession session = session(pid);
        if (session == null) {
            return null;
        }
        for (Integer blocker : session.blockedBy()) {
            if (!chain.contains(blocker)) {
                return blocker;
            }
        }
        return null;
    }

    private @Nullable ServerSession session(int pid) {
        ServerSession session = server.sessions().get(pid);
        if (session != null) {
            return session;
        }
        for (ServerSession blocked : server.blocked()) {
            if (blocked.pid() == pid) {
                return blocked;
            }
        }
        return null;
    }

    private Duration age() {
        Duration age = Duration.between(server.takenAt(), now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
