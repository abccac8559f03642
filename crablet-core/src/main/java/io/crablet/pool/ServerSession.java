package io.crablet.pool;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session of the server, from {@code pg_stat_activity}. What the side connection's role may not see is null.
 *
 * @param pid the server's process
 * @param database the database it is connected to
 * @param user the role, without control characters like all text here
 * @param applicationName what it calls itself
 * @param state {@code active}, {@code idle}, {@code idle in transaction} and so on
 * @param waitEventType what kind of thing it waits for
 * @param waitEvent what it waits for
 * @param transaction for how long its transaction has been open
 * @param query for how long ago its last statement, or the one that runs, was begun
 * @param inState for how long it has been in this state
 * @param lockWait for how long it has waited for a lock; also null if it does not, and in the first moment, when the server does
 *     not know it yet
 * @param statement its last statement, or the one that runs: shortened, without literals
 * @param blockedBy the processes that hold, or come first for, the lock it waits for; 0 stands for a prepared transaction
 */
public record ServerSession(
        int pid,
        @Nullable String database,
        @Nullable String user,
        @Nullable String applicationName,
        @Nullable String state,
        @Nullable String waitEventType,
        @Nullable String waitEvent,
        @Nullable Duration transaction,
        @Nullable Duration query,
        @Nullable Duration inState,
        @Nullable Duration lockWait,
        @Nullable String statement,
        List<Integer> blockedBy) {

    /**
     * Copies the list.
     *
     * @param pid the process
     * @param database the database
     * @param user the role
     * @param applicationName its name
     * @param state the state
     * @param waitEventType the kind of wait
     * @param waitEvent the wait
     * @param transaction the transaction's age
     * @param query the statement's age
     * @param inState the state's age
     * @param lockWait the wait's age
     * @param statement the statement
     * @param blockedBy who is in the way
     */
    public ServerSession {
        blockedBy = List.copyOf(blockedBy);
    }

    /**
     * Whether it does nothing inside a transaction.
     *
     * @return whether its state says so
     */
    public boolean isIdleInTransaction() {
        return state != null && state.startsWith("idle in transaction");
    }

    /**
     * Whether it runs a statement.
     *
     * @return whether its state says so
     */
    public boolean isActive() {
        return "active".equals(state);
    }
}
