package io.crablet.pool.ledger;

import io.crablet.pool.BorrowTimeout;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.ConnectionLeak;
import io.crablet.pool.ConnectionLeak.Outcome;
import io.crablet.pool.HolderGroup;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.Sites;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Knows who has borrowed which connection of a pool, and takes back what nobody can return any more.
 *
 * <p>A borrow is <em>leaked</em> when the connection that was given, and every statement, result set and metadata opened through
 * it, has become unreachable. Then no thread can be using it. An object that the driver gave and that is not tracked (a large
 * object, a class that was unwrapped) makes the ledger hold back: such a borrow is never called leaked. Thread-safe.
 */
public final class ConnectionLedger implements AutoCloseable {

    private static final String FORBIDDEN =
            "Thread %s asks pool %s for a connection at %s while it holds one, borrowed at %s."
                    + " With enough such threads all wait for each other, so this is forbidden here. Use the first connection for"
                    + " both, or return it before.";

    private static final String TAKEN_BACK =
            "Pool %s has taken this connection back from its borrower: %s. It was borrowed %s"
                    + " ago by thread %s at %s. What was not committed is undone; borrow another connection.";

    private final LendingPool pool;

    private final SessionInspector inspector;

    private final BorrowContext context;

    private final LedgerSettings settings;

    private final Listeners listener = new Listeners();

    private final Stacks stacks;

    private final Reclaiming reclaiming;

    private final OverdueWatch overdue;

    private final LedgerWatch watch;

    private final Map<Long, Borrow> borrows = new ConcurrentHashMap<>();

    private final ReferenceQueue<Connection> unreachable = new ReferenceQueue<>();

    private final ThreadLocal<Borrower> borrower = ThreadLocal.withInitial(() -> new Borrower(Thread.currentThread()));

    private final AtomicLong lastId = new AtomicLong();

    private final LongAdder returns = new LongAdder();

    private final LongAdder heldNanos = new LongAdder();

    private final LongAdder leaks = new LongAdder();

    private final LongAdder leaksReclaimed = new LongAdder();

    private final LongAdder overdueReclaimed = new LongAdder();

    private final Recent<ConnectionLeak> recentLeaks = new Recent<>();

    private final SecondBorrows secondBorrows;

    private final Timeouts timeouts = new Timeouts(this::borrowed);

    private final Instant startInstant = Instant.now();

    private final long startNanos = System.nanoTime();

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
        this.pool = pool;
        this.inspector = inspector;
        this.context = context;
        this.settings = settings;
        this.stacks = new Stacks(settings.skippedPackages());
        this.reclaiming = new Reclaiming(pool, inspector);
        this.secondBorrows = new SecondBorrows(stacks, this.listener);
        this.overdue = new OverdueWatch(this, reclaiming, settings, this.listener);
        this.watch = new LedgerWatch(this, pool, settings.requestGarbageCollection() && settings.reclaimLeaked());
    }

    /**
     * Has somebody told of what the ledger sees from now on.
     *
     * @param added is told
     */
    public void addListener(LedgerListener added) {
        listener.add(added);
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
        Borrower self = borrower.get();
        Borrow held = self.held();
        Throwable stack = new Throwable("borrowed here");
        if (held != null) {
            borrowsSecond(held, stack);
        }
        return record(lend(self, held, stack), self, held, stack);
    }

    private Connection lend(Borrower self, @Nullable Borrow held, Throwable stack) throws SQLException {
        long start = System.nanoTime();
        try {
            return pool.lend();
        } catch (SQLTransientConnectionException e) {
            throw timedOut(e, Duration.ofNanos(System.nanoTime() - start), self, stack);
        } finally {
            if (held != null) {
                held.waitsNoMore();
            }
        }
    }

    private Connection record(Connection lent, Borrower self, @Nullable Borrow held, Throwable stack)
            throws SQLException {
        try {
            Borrow borrow = new Borrow(
                    this,
                    lastId.incrementAndGet(),
                    self,
                    stack,
                    System.nanoTime(),
                    lent,
                    inspector.backendPid(lent),
                    context.operation(),
                    context.traceId(),
                    held);
            Connection given = Tracked.proxy(Connection.class, new TrackedConnection(lent, borrow));
            borrow.givenAs(given, unreachable);
            self.holds(borrow);
            borrows.put(borrow.id(), borrow);
            return given;
        } catch (Throwable e) {
            lent.close();
            throw e;
        }
    }

    private void borrowsSecond(Borrow held, Throwable stack) throws SQLException {
        secondBorrows.add(held, stack);
        if (settings.forbidSecondBorrows()) {
            throw new SQLException(
                    FORBIDDEN.formatted(held.borrower().name(), pool.name(), Sites.first(frames(stack)), held.site()));
        }
        held.waitsForSecond(System.nanoTime(), stack);
    }

    private SQLTransientConnectionException timedOut(
            SQLTransientConnectionException e, Duration waited, Borrower self, Throwable stack) {
        List<HolderGroup> holders = timeouts.holders();
        BorrowTimeout timeout = new BorrowTimeout(
                Instant.now(), waited, self.name(), context.operation(), context.traceId(), frames(stack), holders);
        timeouts.add(timeout);
        listener.timedOut(timeout);
        return Timeouts.explained(e, holders);
    }

    /**
     * What is known now.
     *
     * @return the borrowed connections and the counts, from one pass over the ledger
     */
    public LedgerSnapshot snapshot() {
        long now = System.nanoTime();
        long returned = returns.sum();
        List<BorrowedConnection> borrowed = borrowed(now);
        return new LedgerSnapshot(
                Instant.now(),
                borrowed,
                returned + borrowed.size(),
                returned,
                Duration.ofNanos(heldNanos.sum()),
                leaks.sum(),
                leaksReclaimed.sum(),
                overdueReclaimed.sum(),
                timeouts.total(),
                secondBorrows.total(),
                recentLeaks.list(),
                timeouts.recent(),
                secondBorrows.pairs());
    }

    /**
     * Takes a connection from its borrower, whatever it does with it: cancels the statement that runs, closes the connection and
     * frees its slot. The borrower's next call on it fails.
     *
     * @param id the borrow's id
     * @param reason who wants it, as the borrower is told
     * @return what was taken back; empty if there is no such borrow any more
     */
    public Optional<ConnectionLeak> reclaim(long id, String reason) {
        Borrow borrow = borrows.get(id);
        return borrow == null ? Optional.empty() : evictUnwilling(borrow, reason);
    }

    /**
     * Says that the program has forgotten a connection, and that whoever says so returns it now.
     *
     * @param connection what {@link #borrow} returned; one of another ledger is left alone
     * @return whether it was one of this ledger
     */
    public boolean forgotten(Connection connection) {
        if (!Proxy.isProxyClass(connection.getClass())
                || !(Proxy.getInvocationHandler(connection) instanceof TrackedConnection tracked)
                || borrows.get(tracked.borrow().id()) != tracked.borrow()) {
            return false;
        }
        Borrow borrow = tracked.borrow();
        markLeaked(borrow);
        told(borrow, Outcome.RETURNED);
        leaksReclaimed.increment();
        return true;
    }

    void giveBack(Borrow borrow, Connection connection) throws SQLException {
        try {
            connection.close();
        } finally {
            // Not before: a rollback that the network swallows is still a connection in use.
            ended(borrow);
        }
    }

    void evict(Borrow borrow, Connection connection) {
        pool.evict(connection);
        ended(borrow);
    }

    private void ended(Borrow borrow) {
        borrow.ended();
        borrows.remove(borrow.id());
        long held = borrow.heldNanos(System.nanoTime());
        returns.increment();
        heldNanos.add(held);
        listener.returned(borrow.operation(), held);
    }

    /** The garbage collector says that nobody can reach what was given. */
    void lost(Borrow borrow) {
        if (borrow.hasEnded() || borrow.usage().hasEscaped()) {
            return;
        }
        markLeaked(borrow);
        if (settings.reclaimLeaked()) {
            Connection connection = borrow.take();
            if (connection != null) {
                Outcome outcome = reclaiming.giveBack(connection);
                leaksReclaimed.increment();
                told(borrow, outcome);
                ended(borrow);
            }
        }
    }

    private void markLeaked(Borrow borrow) {
        borrow.leaked();
        leaks.increment();
        listener.leaked(borrow.snapshot(System.nanoTime()));
    }

    /** Takes a connection from a borrower that may be using it. */
    Optional<ConnectionLeak> evictUnwilling(Borrow borrow, String reason) {
        BorrowedConnection known = borrow.snapshot(System.nanoTime());
        boolean executing = borrow.usage().isExecuting();
        Connection connection =
                borrow.takeBack(TAKEN_BACK.formatted(pool.name(), reason, known.held(), known.thread(), known.site()));
        if (connection == null) {
            return Optional.empty();
        }
        reclaiming.evict(connection, executing);
        overdueReclaimed.increment();
        ConnectionLeak leak = told(borrow, Outcome.EVICTED);
        ended(borrow);
        return Optional.of(leak);
    }

    private ConnectionLeak told(Borrow borrow, Outcome outcome) {
        ConnectionLeak leak = new ConnectionLeak(Instant.now(), borrow.snapshot(System.nanoTime()), outcome);
        recentLeaks.add(leak);
        listener.reclaimed(leak);
        return leak;
    }

    /** Looks at all borrows. */
    void sweep(long now) {
        secondBorrows.tell();
        for (Borrow borrow : borrows.values()) {
            if (borrow.heldNanos(now) >= suspectAfterNanos()
                    && borrow.measures().tellSuspect()) {
                listener.suspected(borrow.snapshot(now));
            }
            overdue.look(borrow, now);
        }
    }

    /** Whether a garbage collection could find something: a connection that nobody has used for a moment. */
    boolean mayHoldLeaks(long now) {
        return borrows.values().stream()
                .anyMatch(borrow -> !borrow.isLeaked()
                        && !borrow.usage().hasEscaped()
                        && borrow.usage().idle(now).toMillis() >= 50);
    }

    ReferenceQueue<Connection> unreachable() {
        return unreachable;
    }

    List<StackTraceElement> frames(Throwable stack) {
        return stacks.frames(stack);
    }

    long suspectAfterNanos() {
        return settings.suspectAfter().toNanos();
    }

    Instant instantOf(long nanos) {
        return startInstant.plusNanos(nanos - startNanos);
    }

    @Nullable
    String currentOperation() {
        return context.operation();
    }

    private List<BorrowedConnection> borrowed(long now) {
        return borrows.values().stream()
                .map(borrow -> borrow.snapshot(now))
                .sorted(Comparator.comparing(BorrowedConnection::borrowedAt))
                .toList();
    }
}
