package io.crablet.autoconfigure.pool;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.DatabaseAnswer.Failed;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.PoolState;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/** Whether the database of one pool answers, from what it last said beside the pool. */
final class DatabaseHealthIndicator extends AbstractHealthIndicator {

    private final String pool;

    private final WatchedPools watch;

    DatabaseHealthIndicator(String pool, WatchedPools watch) {
        super("The database's health cannot be found out");
        this.pool = pool;
        this.watch = watch;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        PoolHealth health = watch.health(pool);
        if (health.database() instanceof Answered answered) {
            builder.up()
                    .withDetail("database", answered.product())
                    .withDetail("version", answered.version())
                    .withDetail("latencyMs", millis(answered.latency()))
                    .withDetail("since", answered.since().truncatedTo(ChronoUnit.SECONDS));
        } else if (health.database() instanceof Failed failed) {
            // A server that only the watch cannot use still serves the connections the pool has.
            builder.status(health.state() == PoolState.UNREACHABLE ? Status.DOWN : Status.UP)
                    .withDetail("failure", failed.failure().reason())
                    .withDetail("since", failed.since().truncatedTo(ChronoUnit.SECONDS));
            if (failed.sqlState() != null) {
                builder.withDetail("sqlState", failed.sqlState());
            }
        } else {
            builder.unknown();
        }
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 10_000 / 100.0;
    }
}
