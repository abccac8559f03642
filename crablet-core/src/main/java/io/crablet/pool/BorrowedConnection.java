package io.crablet.pool;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection that somebody has borrowed, as it was at one moment.
 *
 * @param id tells the borrows of a pool apart; a connection that is borrowed again gets another one
 * @param thread the name of the thread that borrowed it
 * @param threadAlive whether that thread still lives
 * @param operation what the thread was doing, null if nothing says it
 * @param traceId the trace it belongs to, null if there is none
 * @param borrowedAt when it was borrowed
 * @param held for how long
 * @param idle for how long the borrower has not used it; zero while a statement runs
 * @param executing for how long the statement that runs now has run; null if none does
 * @param openResults result sets that were opened through it and not closed
 * @param frames the application's part of the stack at the moment of borrowing, the borrowing line first
 * @param backendPid the server's process; 0 if it is not known
 * @param grade how far it is from coming back
 * @param whileHolding the id of a connection that its thread held already when it borrowed this one; null if it held none
 * @param waitsForSecond where its thread waits for another connection while it holds this one; null if it does not
 * @param usedUnseen whether the borrower has got something of the driver's own, such as its COPY, whose use is not seen: then
 *     {@code idle} proves nothing
 * @param handedOver whether another thread than the one that borrowed it has used it
 */
public record BorrowedConnection(
        long id,
        String thread,
        boolean threadAlive,
        @Nullable String operation,
        @Nullable String traceId,
        Instant borrowedAt,
        Duration held,
        Duration idle,
        @Nullable Duration executing,
        int openResults,
        List<StackTraceElement> frames,
        int backendPid,
        BorrowGrade grade,
        @Nullable Long whileHolding,
        @Nullable SecondWait waitsForSecond,
        boolean usedUnseen,
        boolean handedOver) {

    /**
     * A wait for a second connection.
     *
     * @param waiting for how long
     * @param frames the application's part of the stack, the waiting line first
     */
    public record SecondWait(Duration waiting, List<StackTraceElement> frames) {

        /**
         * Copies the frames.
         *
         * @param waiting for how long
         * @param frames the frames
         */
        public SecondWait {
            frames = List.copyOf(frames);
        }
    }

    /**
     * Copies the frames.
     *
     * @param id tells borrows apart
     * @param thread the thread's name
     * @param threadAlive whether it lives
     * @param operation the operation
     * @param traceId the trace
     * @param borrowedAt when
     * @param held for how long
     * @param idle for how long unused
     * @param executing for how long a statement runs
     * @param openResults open result sets
     * @param frames the application's frames
     * @param backendPid the server's process
     * @param grade the grade
     * @param whileHolding the earlier borrow
     * @param waitsForSecond the wait
     * @param usedUnseen whether it may be used unseen
     * @param handedOver whether another thread has used it
     */
    public BorrowedConnection {
        frames = List.copyOf(frames);
    }

    /**
     * The line of code that borrowed it.
     *
     * @return class, method, file and line, or {@code unknown}
     */
    public String site() {
        return Sites.first(frames);
    }
}
