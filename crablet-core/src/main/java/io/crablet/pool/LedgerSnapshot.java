package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a pool's ledger knew at one moment.
 *
 * @param takenAt the moment
 * @param borrowed the connections that were borrowed then, the oldest first
 * @param borrows connections lent since the start
 * @param returns connections that came back, taken back ones among them
 * @param heldTotal for how long the ones that came back had been held, together
 * @param waitedTotal for how long the callers that got a connection had waited for it, together
 * @param leaks connections found to be leaked since the start
 * @param leaksReclaimed those of them that were taken back
 * @param overdueReclaimed connections that were taken back because they were held for too long, or an operator said so
 * @param timeouts callers that waited in vain
 * @param secondBorrows borrows of threads that held a connection already
 * @param recentLeaks the latest connections that were taken back, the latest first
 * @param recentTimeouts the latest callers that waited in vain, the latest first
 * @param secondBorrowSites where second connections were borrowed
 */
public record LedgerSnapshot(
        Instant takenAt,
        List<BorrowedConnection> borrowed,
        long borrows,
        long returns,
        Duration heldTotal,
        Duration waitedTotal,
        long leaks,
        long leaksReclaimed,
        long overdueReclaimed,
        long timeouts,
        long secondBorrows,
        List<ConnectionLeak> recentLeaks,
        List<BorrowTimeout> recentTimeouts,
        List<SecondBorrow> secondBorrowSites) {

    /**
     * Copies the lists.
     *
     * @param takenAt the moment
     * @param borrowed the borrowed connections
     * @param borrows the borrows
     * @param returns the returns
     * @param heldTotal the time held
     * @param waitedTotal the time waited
     * @param leaks the leaks
     * @param leaksReclaimed the leaks taken back
     * @param overdueReclaimed the others taken back
     * @param timeouts the timeouts
     * @param secondBorrows the second borrows
     * @param recentLeaks the latest leaks
     * @param recentTimeouts the latest timeouts
     * @param secondBorrowSites the sites of second borrows
     */
    public LedgerSnapshot {
        borrowed = List.copyOf(borrowed);
        recentLeaks = List.copyOf(recentLeaks);
        recentTimeouts = List.copyOf(recentTimeouts);
        secondBorrowSites = List.copyOf(secondBorrowSites);
    }

    /**
     * What a ledger knows that has not seen anything.
     *
     * @param at the moment
     * @return nothing
     */
    public static LedgerSnapshot empty(Instant at) {
        return new LedgerSnapshot(
                at, List.of(), 0, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0, List.of(), List.of(), List.of());
    }

    /**
     * How many connections have a grade.
     *
     * @param grade the grade
     * @return how many of the borrowed ones
     */
    public int count(BorrowGrade grade) {
        return (int) borrowed.stream().filter(one -> one.grade() == grade).count();
    }
}
