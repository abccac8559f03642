package io.crablet.pool;

import io.crablet.pool.BorrowedConnection.SecondWait;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the verdict on one connection: the evidence with its figures, and what to do. */
final class VerdictWords {

    private final BorrowedConnection borrow;

    private final Evidence evidence;

    private final @Nullable LockHolders holders;

    private final HeldTogether together;

    VerdictWords(BorrowedConnection borrow, Evidence evidence, @Nullable LockHolders holders, HeldTogether together) {
        this.borrow = borrow;
        this.evidence = evidence;
        this.holders = holders;
        this.together = together;
    }

    String message(VerdictCause cause) {
        return switch (cause) {
            case FORGOTTEN -> forgotten();
            case SECOND_CONNECTION -> secondConnection();
            case WAITING_FOR_LOCK -> waitingForLock();
            case SLOW_QUERY -> slowQuery();
            case THREAD_ENDED -> threadEnded();
            case STREAM_LEFT_OPEN -> streamLeftOpen();
            case IDLE_IN_TRANSACTION -> idleInTransaction();
            case IN_USE -> isUnseen() ? unseen() : inUse();
            case UNKNOWN, TOO_MUCH_LOAD -> isUnseen() ? unseen() : unknown();
        };
    }

    private String forgotten() {
        return """
                Forgotten: after %s nothing in the program can reach it any more, so nobody can return it. Close \
                what %s borrows, with try-with-resources.""".formatted(held(), borrow.site());
    }

    private String secondConnection() {
        return "%s Use one connection for both, or return the first one before.".formatted(twoConnections());
    }

    private String twoConnections() {
        SecondWait wait = borrow.waitsForSecond();
        if (wait != null) {
            return "Its thread has waited for a second connection for %s at %s while it holds this one from %s."
                    .formatted(Words.time(wait.waiting()), Sites.first(wait.frames()), borrow.site());
        }
        BorrowedConnection second = together.secondOf(borrow);
        if (second != null) {
            return "Its thread borrowed a second connection at %s %s ago, and has not used this one, from %s, for %s."
                    .formatted(second.site(), Words.time(second.held()), borrow.site(), unused());
        }
        BorrowedConnection first = together.firstOf(borrow);
        return "It is the second connection of its thread, from %s, and has not been used for %s; the first one is from %s."
                .formatted(borrow.site(), unused(), first == null ? "unknown" : first.site());
    }

    private String waitingForLock() {
        ServerSession session = evidence.session();
        String lock = session == null || session.waitEvent() == null ? "" : " (" + session.waitEvent() + ")";
        String begun = borrow.executing() == null ? "" : ", begun " + Words.time(borrow.executing()) + " ago,";
        String holder = session == null || holders == null ? "" : " " + holders.inTheWayOf(session);
        return "Its statement%s waits for a lock%s.%s".formatted(begun, lock, holder);
    }

    private String slowQuery() {
        Duration running = borrow.executing();
        ServerSession session = evidence.session();
        if (running == null) {
            String abandoned = "Backend %d has run its statement for %s though its borrower waits for none"
                    .formatted(borrow.backendPid(), Words.time(evidence.inState()));
            return session != null && waitsForClient(session)
                    ? abandoned + doing(session) + "."
                    : abandoned + ": cancel it.";
        }
        String statement = "Its statement has run for " + Words.time(running);
        if (session == null) {
            return statement + ". Whether it works or waits is not known: " + evidence.missing() + ".";
        }
        if (session.isActive() && waitsForClient(session)) {
            return statement + doing(session) + ".";
        }
        return session.isActive()
                ? statement + doing(session) + ". Look at its plan, or cancel it."
                : statement + ", while backend " + borrow.backendPid() + " has been " + session.state() + " for "
                        + Words.time(evidence.inState())
                        + ": look at what the driver does with the result, and at the network between them.";
    }

    private static String doing(ServerSession session) {
        String type = session.waitEventType();
        if (type == null) {
            return ", computing";
        }
        String event = Objects.requireNonNullElse(session.waitEvent(), type);
        return switch (event) {
            case "ClientWrite" ->
                ", and the program reads the result slowly (ClientWrite): look at what it does with"
                        + " each row, and at the network between them";
            case "ClientRead" ->
                ", and the program sends its data slowly (ClientRead): look at where it gets them from,"
                        + " and at the network between them";
            default -> ", waiting for %s %s".formatted(type, event);
        };
    }

    private static boolean waitsForClient(ServerSession session) {
        return "Client".equals(session.waitEventType());
    }

    private boolean isUnseen() {
        return borrow.usedUnseen() && borrow.executing() == null;
    }

    private String unseen() {
        ServerSession session = evidence.session();
        String use = "Its borrower uses it through the driver's own interfaces, such as COPY, which is not seen here";
        if (session == null) {
            return use + ", and whether a transaction is open is not known: " + evidence.missing() + ".";
        }
        return "%s. When the server was asked, %s ago, backend %d was %s%s."
                .formatted(
                        use,
                        Words.time(evidence.age()),
                        borrow.backendPid(),
                        session.state(),
                        session.isActive() ? doing(session) : "");
    }

    private String threadEnded() {
        String open = borrow.openResults() == 0
                ? ""
                : ", with " + Words.count(borrow.openResults(), "result set") + " left open";
        return """
                Thread %s, which borrowed it, has ended, and nobody has used it for %s%s. Return it in a finally \
                block, or with try-with-resources, where %s borrows it.""".formatted(borrow.thread(), unused(), open, borrow.site());
    }

    private String streamLeftOpen() {
        String transaction = evidence.session() != null && evidence.session().isIdleInTransaction()
                ? ", its transaction with it"
                : "";
        return """
                %s left open%s: nobody has read for %s. Close the stream or the result set with try-with-resources \
                where %s borrows it.""".formatted(Words.count(borrow.openResults(), "result set"), transaction, unused(), borrow.site());
    }

    private String idleInTransaction() {
        ServerSession session = evidence.session();
        String state = session == null || session.state() == null ? "idle in transaction" : session.state();
        return """
                Backend %d has been %s for %s: the borrower does other work while it holds it%s. Commit before that \
                work, or move it out of the transaction.""".formatted(borrow.backendPid(), state, Words.time(evidence.inState()), transaction(session));
    }

    private String transaction(@Nullable ServerSession session) {
        return session == null || session.transaction() == null
                ? ""
                : ", and its transaction has been open for "
                        + Words.time(session.transaction().plus(evidence.age()));
    }

    private String inUse() {
        return borrow.executing() == null
                ? "In use: last used " + unused() + " ago."
                : "In use: its statement has run for " + Words.time(borrow.executing()) + ".";
    }

    private String unknown() {
        if (evidence.session() == null) {
            return "Unknown: not used for %s, and whether a transaction is open is not known: %s."
                    .formatted(unused(), evidence.missing());
        }
        return """
                Unknown: not used for %s, and backend %d is %s. Either its borrower does other work while it holds \
                it, or has forgotten it; look at what %s does after it borrows.""".formatted(unused(), borrow.backendPid(), evidence.session().state(), borrow.site());
    }

    private String held() {
        return Words.time(borrow.held());
    }

    private String unused() {
        return Words.time(borrow.idle());
    }
}
