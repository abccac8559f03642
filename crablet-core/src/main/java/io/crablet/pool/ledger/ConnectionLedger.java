package io.crablet.pool.ledger;

import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.LedgerSnapshot;
import java.lang.invoke.MethodHandles;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who has borrowed which connection of a pool, and takes back what nobody can return any more.
 *
 * <p>A borrow is <em>leaked</em> when the connection that was given, and every statement, result set and metadata opened through
 * it, has become unreachable. Then no thread can be using it. An object that the driver gave and that is not tracked (a stream of
 * a large object, a class that was unwrapped) makes the ledger hold back: such a borrow is never called leaked. Thread-safe.
 */
public final class ConnectionLedger implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(ConnectionLedger.class);

    private final Listeners listeners = new Listeners();

    private final Entries entries;

    private final Lender lender;

    private final Recovery recovery;

    private final OverdueWatch overdue;

    private final LedgerWatch watch;

    private final SecondBorrows secondBorrows;

    private final Timeouts timeouts;

    private boolean running;

    /**
     * Makes an empty ledger. It records from the first borrow on, and looks after the borrows once it is {@linkplain #start
     * started}.
     *
     * @param pool the pool it lends from
     * @param inspector knows the database
     * @param context says what borrowing threads do
     * @param settings what to do about connections that do not come back
     */
    public ConnectionLedger(
            LendingPool pool, SessionInspector inspector, BorrowContext context, LedgerSettings settings) {
        BorrowContext safeContext = new SafeContext(context);
        Stacks stacks = new Stacks(settings.skippedPackages());
        this.entries = new Entries(pool, inspector, safeContext, stacks, listeners, settings.suspectAfter());
        this.timeouts = new Timeouts(entries::borrowed);
        this.secondBorrows = new SecondBorrows(stacks, listeners);
        this.lender = new Lender(
                pool, entries, secondBorrows, timeouts, safeContext, listeners, settings.forbidSecondBorrows());
        Reclaiming reclaiming = new Reclaiming(pool, inspector);
        this.recovery = new Recovery(pool, entries, reclaiming, listeners, settings.reclaimLeaked());
        this.overdue = new OverdueWatch(pool, recovery, reclaiming, listeners, settings);
        CollectionRequests collections = new CollectionRequests(
                pool,
                entries,
                recovery,
                settings.requestGarbageCollection() && settings.reclaimLeaked(),
                GarbageCollections.OF_JVM);
        this.watch = new LedgerWatch(pool.name(), entries.unreachable(), recovery::lost, this::sweep, collections);
    }

    /**
     * Has the classes ready of what every ledger lends. Generating them would otherwise be the first borrower's work; a program that
     * starts may have it done in another thread meanwhile.
     */
    public static void prepare() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            for (Class<?> lent : new Class<?>[] {
                TrackedConnection.class, TrackedMetaData.class, TrackedStatement.class, TrackedResultSet.class
            }) {
                lookup.ensureInitialized(lent);
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Has somebody told of what the ledger sees from now on.
     *
     * @param listener is told
     */
    public void addListener(LedgerListener listener) {
        listeners.add(listener);
    }

    /** Starts looking after the borrows, in a daemon thread, unless it does already. */
    public synchronized void start() {
        if (!running) {
            running = true;
            watch.start();
        }
    }

    /** Stops looking after the borrows. It goes on recording, and can be started again. */
    @Override
    public synchronized void close() {
        if (running) {
            running = false;
            watch.stop();
        }
    }

    /**
     * Borrows a connection from the pool.
     *
     * @return a connection that the ledger knows of until it is closed
     * @throws SQLTransientConnectionException if there was none in time; the message says who holds the pool's connections
     * @throws SQLException if the pool has another reason, or the thread holds a connection already and must not have a second
     */
    public Connection borrow() throws SQLException {
        return borrow(new Throwable("borrowed here"));
    }

    /**
     * Does the same for a caller that stands between the borrower and the ledger, and so has fewer frames on its stack: each costs
     * time.
     *
     * @param stack made by the caller just now
     * @return as above
     * @throws SQLException as above
     */
    public Connection borrow(Throwable stack) throws SQLException {
        return lender.borrow(stack);
    }

    /**
     * What is known now.
     *
     * @return the borrowed connections, from one pass over the ledger, and the counts
     */
    public LedgerSnapshot snapshot() {
        // Before the rest: no more can have come back than were lent.
        long returned = entries.returns();
        List<BorrowedConnection> borrowed = entries.borrowed(System.nanoTime());
        return new LedgerSnapshot(
                Instant.now(),
                borrowed,
                entries.borrows(),
                returned,
                entries.heldTotal(),
                entries.waitedTotal(),
                recovery.leaks(),
                recovery.leaksReclaimed(),
                recovery.othersReclaimed(),
                timeouts.total(),
                secondBorrows.total(),
                recovery.recent(),
                timeouts.recent(),
                secondBorrows.pairs());
    }

    /**
     * Takes a connection from its borrower, whatever it does with it: cancels the statement that runs, closes the connection and
     * frees its slot. The borrower's next call on it fails. May wait for the server, in the calling thread.
     *
     * @param id the borrow's id
     * @param reason who wants it, as the borrower is told
     * @return what was taken back; empty if there is no such borrow any more
     */
    public Optional<ConnectionLeak> reclaim(long id, String reason) {
        Borrow borrow = entries.find(id);
        return borrow == null ? Optional.empty() : recovery.evictUnwilling(borrow, reason);
    }

    /**
     * Says that the program has forgotten a connection, and that whoever says so returns it now.
     *
     * @param connection what {@link #borrow} returned, or a wrapper around it; one of another ledger is left alone
     * @return whether it was one of this ledger
     */
    public boolean forgotten(Connection connection) {
        Borrow borrow = behind(connection);
        if (borrow == null || !entries.contains(borrow)) {
            return false;
        }
        recovery.forgotten(borrow);
        return true;
    }

    private static @Nullable Borrow behind(Connection connection) {
        try {
            return connection.isWrapperFor(Borrowed.class)
                    ? connection.unwrap(Borrowed.class).borrow()
                    : null;
        } catch (SQLException | RuntimeException | LinkageError e) {
            logger.debug("A connection that was forgotten cannot be unwrapped", e);
            return null;
        }
    }

    private void sweep(long now) {
        secondBorrows.tell();
        for (Borrow borrow : entries.open()) {
            borrow.usage().look(now);
            if (borrow.heldNanos(now) >= entries.suspectAfterNanos()
                    && borrow.measures().tellSuspect()) {
                listeners.suspected(borrow.snapshot(now));
            }
            overdue.look(borrow, now);
        }
    }
}
