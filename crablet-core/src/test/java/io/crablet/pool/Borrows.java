package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds what ledgers and servers tell, for tests of what is concluded from it. */
final class Borrows {

    /** The moment at which ledgers are looked at. */
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private Borrows() {}

    /** A connection that was borrowed 42 s ago in {@code Orders.load} and has not been used for 40 s. */
    static Builder borrow(int pid) {
        return new Builder(pid);
    }

    static List<StackTraceElement> at(String site) {
        int dot = site.indexOf('.');
        String type = site.substring(0, dot);
        return List.of(new StackTraceElement("shop." + type, site.substring(dot + 1), type + ".java", 7));
    }

    static LedgerSnapshot ledger(BorrowedConnection... borrowed) {
        return new LedgerSnapshot(
                NOW,
                List.of(borrowed),
                borrowed.length,
                0,
                Duration.ZERO,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                0,
                List.of(),
                List.of(),
                List.of());
    }

    static LedgerSnapshot counters(Instant at, long borrows, long returns, Duration held, long timeouts) {
        return new LedgerSnapshot(
                at,
                List.of(),
                borrows,
                returns,
                held,
                Duration.ZERO,
                0,
                0,
                0,
                timeouts,
                0,
                List.of(),
                List.of(),
                List.of());
    }

    /** A server that was asked a second ago. */
    static ServerSnapshot server(ServerSession... sessions) {
        return server(NOW.minusSeconds(1), true, sessions);
    }

    static ServerSnapshot server(Instant takenAt, boolean joinable, ServerSession... sessions) {
        Map<Integer, ServerSession> byPid = new HashMap<>();
        for (ServerSession session : sessions) {
            byPid.put(session.pid(), session);
        }
        return new ServerSnapshot(
                takenAt,
                new ServerSessions(sessions.length, 100, 3, 0, 0, 0, Duration.ZERO, 0),
                Map.of(),
                joinable,
                joinable ? null : "There is a pooler in between.",
                byPid,
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    static ServerSession idle(int pid) {
        return session(pid, "idle", null, 39);
    }

    static ServerSession idleInTransaction(int pid) {
        return session(pid, "idle in transaction", null, 39);
    }

    static ServerSession active(int pid) {
        return session(pid, "active", null, 39);
    }

    static ServerSession hidden(int pid) {
        return new ServerSession(pid, "shop", "other", null, null, null, null, null, null, null, null, null, List.of());
    }

    static ServerSession waiting(int pid, Integer... blockedBy) {
        return session(pid, "active", "Lock", 39, blockedBy);
    }

    static ServerSession waitingForClient(int pid, String event) {
        ServerSession session = active(pid);
        return new ServerSession(
                pid,
                session.database(),
                session.user(),
                session.applicationName(),
                session.state(),
                "Client",
                event,
                session.transaction(),
                session.query(),
                session.inState(),
                session.lockWait(),
                session.statement(),
                List.of());
    }

    private static ServerSession session(
            int pid, String state, String waitEventType, int seconds, Integer... blockedBy) {
        Duration since = Duration.ofSeconds(seconds);
        return new ServerSession(
                pid,
                "shop",
                "jane",
                "psql",
                state,
                waitEventType,
                waitEventType == null ? null : "transactionid",
                since.plusSeconds(2),
                since,
                since,
                blockedBy.length == 0 ? null : since,
                "UPDATE secrets SET a = $1",
                List.of(blockedBy));
    }

    static final class Builder {

        private final int pid;

        private String operation;

        private boolean threadAlive = true;

        private Instant borrowedAt;

        private Duration held = Duration.ofSeconds(42);

        private Duration idle = Duration.ofSeconds(40);

        private Duration executing;

        private int openResults;

        private String site = "Orders.load";

        private BorrowGrade grade = BorrowGrade.NORMAL;

        private Long whileHolding;

        private BorrowedConnection.SecondWait second;

        private boolean usedUnseen;

        private boolean handedOver;

        private Builder(int pid) {
            this.pid = pid;
        }

        Builder operation(String name) {
            operation = name;
            return this;
        }

        Builder threadEnded() {
            threadAlive = false;
            return this;
        }

        Builder borrowedAt(Instant time) {
            borrowedAt = time;
            return this;
        }

        Builder held(Duration time) {
            held = time;
            idle = time.compareTo(idle) < 0 ? time : idle;
            return this;
        }

        Builder idle(Duration time) {
            idle = time;
            return this;
        }

        Builder executing(Duration time) {
            executing = time;
            idle = Duration.ZERO;
            return this;
        }

        Builder openResults(int count) {
            openResults = count;
            return this;
        }

        Builder site(String name) {
            site = name;
            return this;
        }

        Builder grade(BorrowGrade value) {
            grade = value;
            return this;
        }

        Builder waitsForSecond(String waitingSite) {
            second = new BorrowedConnection.SecondWait(Duration.ofSeconds(41), at(waitingSite));
            return this;
        }

        Builder usedUnseen() {
            usedUnseen = true;
            return this;
        }

        Builder handedOver() {
            handedOver = true;
            return this;
        }

        Builder whileHolding(long first) {
            whileHolding = first;
            return this;
        }

        BorrowedConnection build() {
            return new BorrowedConnection(
                    pid,
                    "http-" + pid,
                    threadAlive,
                    operation,
                    null,
                    borrowedAt == null ? NOW.minus(held) : borrowedAt,
                    held,
                    idle,
                    executing,
                    openResults,
                    at(site),
                    pid,
                    grade,
                    whileHolding,
                    second,
                    usedUnseen,
                    handedOver);
        }

        LedgerSnapshot alone() {
            return ledger(build());
        }

        List<BorrowedConnection> times(int count) {
            List<BorrowedConnection> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(build());
            }
            return all;
        }
    }
}
