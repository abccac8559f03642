package io.crablet.pool.micrometer;

import io.crablet.pool.BorrowGrade;
import io.crablet.pool.BorrowedConnection;
import io.crablet.pool.DatabaseAnswer;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.NotAsked;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.WatchedPool;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of a pool. It is looked at when somebody asks and the last look is a second old, so that all meters of one scrape
 * share a look. Never asks the database. Thread-safe.
 */
final class PoolView {

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final WatchedPool pool;

    private final Supplier<PoolHealth> health;

    private final Series<HeldTime> held;

    private final StatementMeters statements;

    private @Nullable Seen last;

    private record Seen(
            long nanos,
            LedgerSnapshot ledger,
            PoolCounts counts,
            PoolHealth health,
            double up,
            @Nullable ServerSnapshot server) {}

    PoolView(WatchedPool pool, Supplier<PoolHealth> health, Series<HeldTime> held, StatementMeters statements) {
        this.pool = pool;
        this.health = health;
        this.held = held;
        this.statements = statements;
    }

    LedgerSnapshot ledger() {
        return seen().ledger();
    }

    PoolCounts counts() {
        return seen().counts();
    }

    PoolHealth health() {
        return seen().health();
    }

    /** Whether the server answers, 1 or 0; not a number before anybody knows. */
    double up() {
        return seen().up();
    }

    /** Null if the server's sessions cannot be seen. */
    @Nullable
    ServerSnapshot server() {
        return seen().server();
    }

    double oldestBorrowSeconds() {
        return seconds(ledger().borrowed().stream()
                .map(BorrowedConnection::held)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO));
    }

    double suspects() {
        return ledger().borrowed().stream()
                .filter(borrow -> borrow.grade() != BorrowGrade.NORMAL)
                .count();
    }

    double saturation() {
        PoolCounts counts = counts();
        return counts.max() == 0 ? 0 : (double) counts.active() / counts.max();
    }

    long count(HeldTime time) {
        seen();
        return time.count();
    }

    double nanos(HeldTime time) {
        seen();
        return time.nanos();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private synchronized Seen seen() {
        Seen known = last;
        if (known == null || System.nanoTime() - known.nanos() >= FRESH_NANOS) {
            known = look();
            last = known;
        }
        return known;
    }

    private Seen look() {
        held.all().forEach(HeldTime::beginLook);
        LedgerSnapshot ledger = pool.ledger().get();
        for (BorrowedConnection borrow : ledger.borrowed()) {
            held.of(borrow.operation()).isHeld(borrow.held().toNanos());
        }
        held.all().forEach(HeldTime::endLook);
        DatabaseAnswer answer = pool.database().get();
        Answered answered = answer instanceof Answered known ? known : null;
        double up = answer instanceof NotAsked ? Double.NaN : answered == null ? 0 : 1;
        statements.show(answered == null ? null : answered.statements());
        return new Seen(
                System.nanoTime(),
                ledger,
                pool.gauge().counts(),
                health.get(),
                up,
                answered == null ? null : answered.server());
    }
}
