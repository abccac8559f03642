package io.crablet.pool;

import org.jspecify.annotations.Nullable;

/**
 * Names what a thread is doing, so that the connections it borrows meanwhile can be told apart:
 *
 * <pre>{@code
 * try (PoolWatch.Operation operation = PoolWatch.operation("import orders")) {
 *     …
 * }
 * }</pre>
 *
 * <p>A name should be one of a few, as it becomes a tag of meters: no ids in it. It holds for the calling thread alone.
 */
public final class PoolWatch {

    private static final ThreadLocal<Operation> CURRENT = new ThreadLocal<>();

    private PoolWatch() {}

    /**
     * Names what the calling thread does from now on, until the result is closed.
     *
     * @param name a name, not blank; of one inside another the inner counts
     * @return to be closed by the same thread
     * @throws IllegalArgumentException if the name is blank
     */
    public static Operation operation(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("An operation needs a name that is not blank");
        }
        Operation operation = new Operation(name, CURRENT.get());
        CURRENT.set(operation);
        return operation;
    }

    /**
     * What the calling thread is doing.
     *
     * @return the innermost operation's name; null if there is none
     */
    public static @Nullable String currentOperation() {
        Operation operation = CURRENT.get();
        return operation == null ? null : operation.name;
    }

    /** What a thread does, until it is closed. */
    public static final class Operation implements AutoCloseable {

        private final String name;

        private final @Nullable Operation outer;

        private boolean ended;

        private Operation(String name, @Nullable Operation outer) {
            this.name = name;
            this.outer = outer;
        }

        /**
         * Ends the operation; the one around it, if any, counts again, unless it has been ended before this one. Does nothing in
         * another thread, or the second time.
         */
        @Override
        public void close() {
            Operation current = CURRENT.get();
            if (current == null || !current.isInside(this)) {
                return;
            }
            ended = true;
            while (current != null && current.ended) {
                current = current.outer;
            }
            if (current == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(current);
            }
        }

        private boolean isInside(Operation other) {
            Operation one = this;
            while (one != null && one != other) {
                one = one.outer;
            }
            return one != null;
        }
    }
}
